import { type ComponentChild, h } from 'preact';
import { useMemo } from 'preact/hooks';
import { indented } from './json-text.ts';

/** Longer texts are not coloured, because that takes too long. */
const maxColouredCharacters = 50_000;

/** A JSON text, indented and coloured, or any other text unchanged. Never inserted as HTML. */
export function JsonView({ text, label }: { text: string; label: string }) {
  const content = useMemo(() => coloured(indented(text)), [text]);
  // It scrolls, so it must be reachable by keyboard.
  return h('pre', { tabIndex: 0, role: 'group', 'aria-label': label }, content);
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
