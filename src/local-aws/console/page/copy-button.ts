import { h } from 'preact';
import { useState } from 'preact/hooks';

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [result, setResult] = useState('');
  const copy = async () => {
    // The browser may refuse, for example in a window without the focus.
    const copied = await navigator.clipboard.writeText(text).then(
      () => 'Copied',
      () => 'Not copied',
    );
    setResult(copied);
    setTimeout(() => setResult(''), 2000);
  };
  return h('button', { type: 'button', onClick: copy }, result || label);
}
