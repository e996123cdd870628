import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type {
  Clock,
  CreateCallbackTask,
  NewHistoryEvent,
  TaskIntegrations,
} from '../states-language/execution.ts';
import { runExecution } from '../states-language/run-execution.ts';
import type { ExecutionEnd, StartedExecution } from './execution-store.ts';

export interface RunOptions {
  readonly clock: Clock;
  readonly integrations: TaskIntegrations;
  readonly createCallbackTask: CreateCallbackTask;
  /** Takes the history, event by event. */
  append(event: HistoryEvent): void;
  /** Takes what the code behind a Task prints, and the event with which that attempt started. */
  log(eventId: number, line: string): void;
  /** Called once, after the last event. */
  close(end: ExecutionEnd): void;
}

export interface ExecutionRun {
  readonly ended: Promise<ExecutionEnd>;
  /** Ends it at once. Has no effect on one that has ended. */
  abort(error: string | undefined, cause: string | undefined): void;
}

const minute = 60_000;

/**
 * What AWS lets an execution have, whatever its definition says.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const limitsOf = {
  STANDARD: { milliseconds: 365 * 24 * 60 * minute, events: 25_000 },
  EXPRESS: { milliseconds: 5 * minute, events: Number.POSITIVE_INFINITY },
} as const;

/** Runs an execution from its first event to its last. Nothing that goes wrong in it is thrown. */
export function startRun(execution: StartedExecution, options: RunOptions): ExecutionRun {
  const { clock, integrations } = options;
  const limits = limitsOf[execution.stateMachine.type];
  const { promise: ended, resolve } = Promise.withResolvers<ExecutionEnd>();
  const running = new AbortController();
  let events = 0;

  function append(event: NewHistoryEvent): number {
    events += 1;
    options.append({ ...event, id: events, timestamp: new Date(clock.now()) });
    return events;
  }

  function finish(end: Omit<ExecutionEnd, 'stopDate'>): void {
    // Also frees the timers that are left.
    running.abort();
    const closed = { ...end, stopDate: stopDateOf(end.status) };
    options.close(closed);
    resolve(closed);
  }

  /** On AWS an execution times out at the very millisecond, whenever it is noticed. */
  function stopDateOf(status: ExecutionEnd['status']): Date {
    const timeout = (execution.stateMachine.parsed.timeoutSeconds ?? Infinity) * 1000;
    const milliseconds = Math.min(timeout, limits.milliseconds);
    return new Date(
      status === 'TIMED_OUT' ? execution.startDate.getTime() + milliseconds : clock.now(),
    );
  }

  function endEarly(event: NewHistoryEvent, end: Omit<ExecutionEnd, 'stopDate'>): void {
    if (running.signal.aborted) return;
    append({ ...event, previousEventId: 0 });
    finish(end);
  }

  async function run(): Promise<void> {
    try {
      const outcome = await runExecution({
        definition: execution.stateMachine.parsed,
        input: JSON.parse(execution.input),
        context: contextOf(execution),
        integrations,
        createCallbackTask: options.createCallbackTask,
        clock,
        signal: running.signal,
        record: append,
        recordLog: options.log,
        eventLimit: limits.events,
      });
      finish(
        outcome.status === 'SUCCEEDED'
          ? { status: outcome.status, output: JSON.stringify(outcome.output) }
          : outcome,
      );
    } catch (thrown) {
      // After a cut this is the signal's reason, and `endEarly` does nothing.
      const error = 'States.Runtime';
      const cause = `Local AWS failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      endEarly(
        { type: 'ExecutionFailed', executionFailedEventDetails: { error, cause } },
        { status: 'FAILED', error, cause },
      );
    }
  }

  function timeOut(): void {
    endEarly(
      { type: 'ExecutionTimedOut', executionTimedOutEventDetails: {} },
      { status: 'TIMED_OUT' },
    );
  }

  clock.sleep(limits.milliseconds, running.signal).then(timeOut, () => undefined);
  void run();
  return {
    ended,
    abort(error, cause) {
      endEarly(
        { type: 'ExecutionAborted', executionAbortedEventDetails: { error, cause } },
        { status: 'ABORTED', error, cause },
      );
    },
  };
}

function contextOf({ arn, name, stateMachine, input, startDate }: StartedExecution) {
  return {
    Execution: {
      Id: arn,
      Input: JSON.parse(input),
      Name: name,
      RoleArn: stateMachine.roleArn,
      StartTime: startDate.toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: stateMachine.arn, Name: stateMachine.name },
  };
}
