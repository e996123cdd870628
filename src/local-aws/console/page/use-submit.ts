import { useState } from 'preact/hooks';

/** Runs the action of a form once at a time, and returns why the latest one failed. */
export function useSubmit(action: () => Promise<void>) {
  const [isSubmitting, setSubmitting] = useState(false);
  const [failure, setFailure] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    // The Enter key in a field submits without the button.
    if (isSubmitting) return;
    setSubmitting(true);
    setFailure('');
    try {
      await action();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setSubmitting(false);
    }
  };
  return { submit, isSubmitting, failure, setFailure };
}
