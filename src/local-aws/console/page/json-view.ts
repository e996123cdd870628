import { type ComponentChild, h } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { counted } from './format.ts';
import { indented } from './json-text.ts';

/** The browser takes too long to lay out more than this at once. */
const charactersAtOnce = 20_000;
/** Longer texts are not coloured, because that takes too long. */
const maxColouredCharacters = 50_000;

/** A JSON text, indented and coloured, or any other text unchanged. Never inserted as HTML. */
export function JsonView({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState<string>();
  const isWhole = whole === text;
  const readable = useMemo(
    () => indented(text, isWhole ? undefined : charactersAtOnce + 1),
    [text, isWhole],
  );
  const shown = isWhole ? readable : beginningOf(readable);
  const content = useMemo(() => coloured(shown), [shown]);
  const pre = useRef<HTMLPreElement>(null);
  const showAll = () => {
    setWhole(text);
    // The button disappears.
    pre.current?.focus({ preventScroll: true });
  };
  return [
    // It scrolls, so it must be reachable by keyboard.
    h('pre', { ref: pre, tabIndex: 0, role: 'group', 'aria-label': label }, content),
    shown.length < readable.length &&
      h(
        'button',
        { type: 'button', class: 'more', onClick: showAll },
        `Show all ${counted(text.length)} characters`,
      ),
  ];
}

/** Returns the lines that fit into `charactersAtOnce`, or a part of the first line if it is longer. */
function beginningOf(text: string): string {
  if (text.length <= charactersAtOnce) return text;
  const end = text.lastIndexOf('\n', charactersAtOnce);
  return text.slice(0, end > charactersAtOnce / 2 ? end : charactersAtOnce);
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?/g;

function coloured(text: string): ComponentChild {
  if (text.length > maxColouredCharacters) return text;
  const parts: ComponentChild[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string = '', colon = ''] = match;
    parts.push(text.slice(end, match.index));
    parts.push(h('span', { class: colon ? 'key' : 'string' }, string), colon);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
