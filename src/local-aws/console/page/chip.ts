import { h } from 'preact';
import type { StepStatus } from '../../../step-functions/step.ts';
import type { ExecutionStatus } from '../view.ts';

type Status = StepStatus | ExecutionStatus;

/** The colour, icon and word of each status, so that nobody depends on the colour alone. */
const looks: Readonly<Record<Status, readonly [string, string, string]>> = {
  RUNNING: ['run', '●', 'Running'],
  RETRYING: ['wait', '↻', 'Retrying'],
  SUCCEEDED: ['ok', '✓', 'Succeeded'],
  CAUGHT: ['bad', '✕', 'Caught'],
  FAILED: ['bad', '✕', 'Failed'],
  TIMED_OUT: ['bad', '◷', 'Timed out'],
  ABORTED: ['wait', '■', 'Aborted'],
};

export const colourOf = (status: Status) => looks[status][0];
export const iconOf = (status: Status) => looks[status][1];
export const wordOf = (status: Status) => looks[status][2];

export const isStatus = (value: unknown): value is Status =>
  typeof value === 'string' && Object.hasOwn(looks, value);

export function Chip({ status }: { status: Status }) {
  const [colour, icon, word] = looks[status];
  return h('span', { class: `chip ${colour}` }, h('span', { 'aria-hidden': true }, icon), word);
}
