import { h } from 'preact';
import type { StepStatus } from '../../../step-functions/steps.ts';
import type { ExecutionStatus } from '../view.ts';

/** How a status looks: a colour, a word and an icon, so that none is needed alone. */
const looks: Readonly<Record<StepStatus | ExecutionStatus, readonly [string, string, string]>> = {
  RUNNING: ['run', '●', 'Running'],
  RETRYING: ['wait', '↻', 'Retrying'],
  SUCCEEDED: ['ok', '✓', 'Succeeded'],
  CAUGHT: ['bad', '✕', 'Caught'],
  FAILED: ['bad', '✕', 'Failed'],
  TIMED_OUT: ['bad', '◷', 'Timed out'],
  ABORTED: ['wait', '■', 'Aborted'],
};

export const colourOf = (status: StepStatus | ExecutionStatus) => looks[status][0];
export const iconOf = (status: StepStatus | ExecutionStatus) => looks[status][1];
export const wordOf = (status: StepStatus | ExecutionStatus) => looks[status][2];

export function Chip({ status }: { status: StepStatus | ExecutionStatus }) {
  const [colour, icon, word] = looks[status];
  return h('span', { class: `chip ${colour}` }, h('span', { 'aria-hidden': true }, icon), word);
}
