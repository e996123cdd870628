import { h } from 'preact';
import { useState } from 'preact/hooks';

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return h('button', { type: 'button', onClick: copy }, isCopied ? 'Copied' : label);
}
