import { h, type TargetedEvent, type TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Button } from './button.ts';

interface DialogButtonProps {
  readonly label: string;
  readonly isPrimary?: boolean;
  readonly title: string;
  /** The label of the text field. */
  readonly field: string;
  readonly initial: string;
  readonly rows: number;
  readonly action: string;
  /** If it rejects, the dialog stays open and shows the error. */
  readonly submit: (value: string) => Promise<void>;
}

/** A button that opens a dialog with one text field. */
export function DialogButton(props: DialogButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [value, setValue] = useState(props.initial);
  const [failure, setFailure] = useState('');
  const [isSubmitting, setSubmitting] = useState(false);
  const open = () => {
    setValue(props.initial);
    setFailure('');
    dialog.current?.showModal();
    // Chromium puts the cursor, and a long text, at the end.
    dialog.current?.querySelector('textarea')?.setSelectionRange(0, 0);
  };
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isSubmitting) return;
    setSubmitting(true);
    setFailure('');
    try {
      await props.submit(value);
      dialog.current?.close();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setSubmitting(false);
    }
  };
  return [
    h(
      'button',
      { type: 'button', class: props.isPrimary ? 'primary' : undefined, onClick: open },
      props.label,
    ),
    h(
      'dialog',
      { ref: dialog, 'aria-label': props.title },
      h(
        'form',
        { onSubmit: submit },
        h('h2', null, props.title),
        h(
          'label',
          null,
          h('span', null, props.field),
          h('textarea', {
            rows: props.rows,
            spellCheck: false,
            value,
            onInput: ({ currentTarget }: TargetedEvent<HTMLTextAreaElement>) =>
              setValue(currentTarget.value),
          }),
        ),
        failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
        h(
          'div',
          { class: 'buttons' },
          h(Button, { class: 'primary', isDisabled: isSubmitting }, props.action),
          h('button', { type: 'button', onClick: () => dialog.current?.close() }, 'Close'),
        ),
      ),
    ),
  ];
}
