import { h } from 'preact';
import type { LogLineView } from '../view.ts';
import type { ExecutionData } from './execution-data.ts';
import { exactTimeOfDay } from './format.ts';

const maxLines = 1000;

/** The lines that functions printed, oldest first. Shows the last thousand at most. */
export function LogView({
  execution,
  lines,
}: {
  execution: ExecutionData;
  lines: readonly LogLineView[];
}) {
  const shown = lines.slice(-maxLines);
  return h(
    'pre',
    { class: 'log', tabIndex: 0, role: 'group', 'aria-label': 'Log' },
    lines.length > shown.length && `The last ${maxLines} of ${lines.length} lines:\n`,
    shown.map(({ eventId, date, text }) => [
      h(
        'span',
        { class: 'when', title: execution.history.stepOf(eventId)?.name },
        exactTimeOfDay(new Date(date)),
      ),
      ` ${text}\n`,
    ]),
  );
}
