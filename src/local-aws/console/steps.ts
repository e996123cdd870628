import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Step } from '../../step-functions/step.ts';
import { isFailedAttempt } from './page/event-errors.ts';
import type { RecordedExecution } from './recorder.ts';
import type { PastAttempt, StepView } from './view.ts';

/** Returns the steps that changed after an event, in the order entered. */
export function stepsChangedAfter(
  { history, eventsOf }: RecordedExecution,
  eventId: number,
): readonly StepView[] {
  const views: StepView[] = [];
  for (const [step, events] of eventsOf) {
    const lastEventId = events.at(-1)?.id ?? step.id;
    if (Math.max(step.changedBy, lastEventId) <= eventId) continue;
    const before = history.stepOf(events[0]?.previousEventId ?? 0);
    views.push({
      id: step.id,
      lastEventId,
      name: step.name,
      type: step.type,
      status: step.status,
      entered: step.enteredDate.getTime(),
      exited: step.exitedDate?.getTime(),
      attempts: step.attempts,
      error: step.error,
      within: step.within?.id,
      iteration: step.iteration,
      before: before?.within === step.within ? before?.id : undefined,
      pastAttempts: hasFailed(step) ? pastAttempts(events) : undefined,
    });
  }
  return views;
}

const hasFailed = ({ attempts, error }: Step) => attempts > 1 || error !== undefined;

function pastAttempts(events: readonly HistoryEvent[]): readonly PastAttempt[] {
  const past: PastAttempt[] = [];
  for (const { type = '', timestamp } of events) {
    const until = timestamp?.getTime() ?? 0;
    // A failed iteration does not end the attempt of its Map.
    if (type.startsWith('MapIteration')) continue;
    if (isFailedAttempt({ type })) {
      past.push({ until, isWait: false });
    } else if (/Scheduled$|StateStarted$/.test(type) && past.length > 0) {
      past.push({ until, isWait: true });
    }
  }
  return past;
}
