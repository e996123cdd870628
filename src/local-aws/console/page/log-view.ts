import { h } from 'preact';
import type { LogLineView } from '../view.ts';
import { exactTimeOfDay } from './format.ts';
import type { Run } from './run.ts';

const maxLines = 1000;

/** The lines that functions printed, oldest first. Shows the last thousand at most. */
export function LogView({ run, lines }: { run: Run; lines: readonly LogLineView[] }) {
  const shown = lines.slice(-maxLines);
  return h(
    'pre',
    { class: 'log', tabIndex: 0, role: 'group', 'aria-label': 'Log' },
    lines.length > shown.length && `The last ${maxLines} of ${lines.length} lines:\n`,
    shown.map(({ eventId, date, text }) => [
      h(
        'span',
        { class: 'when', title: run.history.stepOf(eventId)?.name },
        exactTimeOfDay(new Date(date)),
      ),
      ` ${text}\n`,
    ]),
  );
}
