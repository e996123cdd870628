import { h } from 'preact';
import type { LogLineView } from '../view.ts';
import { exactTimeOfDay } from './format.ts';
import type { Run } from './run.ts';

const linesAtMost = 1000;

/** What functions printed, oldest first. Beyond a thousand lines, the last ones. */
export function LogView({ run, lines }: { run: Run; lines: readonly LogLineView[] }) {
  const shown = lines.slice(-linesAtMost);
  return h(
    'pre',
    { class: 'log', tabIndex: 0, role: 'group', 'aria-label': 'Log' },
    lines.length > shown.length && `the last ${linesAtMost} of ${lines.length} lines\n`,
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
