import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Execution } from '../../src/step-functions/execution.ts';
import type { State } from './standard-executions.ts';

/** The response of GetExecutionHistory for a workflow with one state, newest events first. */
export function historyOf(states: readonly State[], seenAt: number) {
  const seen = states.filter(({ at }) => at <= seenAt).map(({ execution }) => execution);
  const events = seen
    .flatMap(eventsOf)
    .map((event, index): HistoryEvent => ({ ...event, id: index + 1, previousEventId: index }));
  return { events: events.toReversed(), $metadata: {} };
}

type Event = Pick<HistoryEvent, 'stateEnteredEventDetails' | 'stateExitedEventDetails'> &
  Required<Pick<HistoryEvent, 'type'>>;

const entered: Event = {
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name: 'Work' },
};
const exited: Event = { type: 'TaskStateExited', stateExitedEventDetails: { name: 'Work' } };

const endOf = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

function eventsOf(execution: Execution): Omit<HistoryEvent, 'id'>[] {
  const { startDate, stopDate } = execution;
  return typesOf(execution).map((event) => ({ ...event, timestamp: stopDate ?? startDate }));
}

function typesOf({ status, redriveCount = 0 }: Execution): Event[] {
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') {
    return [{ type: redriveCount === 0 ? 'ExecutionStarted' : 'ExecutionRedriven' }, entered];
  }
  const end: Event = { type: endOf[status] };
  return status === 'SUCCEEDED' ? [exited, end] : [end];
}
