import { h } from 'preact';
import type { LogLine } from './execution-data.ts';
import { counted, exactTimeOfDay } from './format.ts';

const maxLines = 1000;

/** The lines that functions printed, oldest first. Shows the last thousand at most. */
export function LogView({ lines }: { lines: readonly LogLine[] }) {
  const shown = lines.slice(-maxLines);
  return h(
    'pre',
    { class: 'log', tabIndex: 0, role: 'group', 'aria-label': 'Log' },
    lines.length > shown.length &&
      `The last ${counted(maxLines)} of ${counted(lines.length)} lines:\n`,
    shown.map(({ step, date, text }) => [
      h('span', { class: 'when', title: step?.name }, exactTimeOfDay(new Date(date))),
      ` ${text}\n`,
    ]),
  );
}
