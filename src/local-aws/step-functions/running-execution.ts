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
  /** Called with each history event. */
  append(event: HistoryEvent): void;
  /** Called with each line that the code behind a Task prints, and its attempt's TaskStarted event. */
  log(eventId: number, line: string): void;
  /** Called once, after the last event. */
  close(end: ExecutionEnd): void;
}

export interface RunningExecution {
  readonly ended: Promise<ExecutionEnd>;
  /** Ends the execution at once. Has no effect if it has already ended. */
  abort(error: string | undefined, cause: string | undefined): void;
}

const minute = 60_000;

/**
 * The AWS quotas of an execution, which apply in addition to the definition's own timeout.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const limitsOf = {
  STANDARD: { milliseconds: 365 * 24 * 60 * minute, events: 25_000 },
  EXPRESS: { milliseconds: 5 * minute, events: Number.POSITIVE_INFINITY },
} as const;

/** Runs an execution from its first event to its last. An error ends the execution and is not thrown. */
export function startRun(execution: StartedExecution, options: RunOptions): RunningExecution {
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
    // Clears the remaining timers.
    running.abort();
    const closed = { ...end, stopDate: stopDateOf(end.status) };
    options.close(closed);
    resolve(closed);
  }

  /** On AWS the stop date of a timeout is exactly start plus timeout, however late it is noticed. */
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
        random: Math.random,
        eventLimit: limits.events,
      });
      finish(
        outcome.status === 'SUCCEEDED'
          ? { status: outcome.status, output: JSON.stringify(outcome.output) }
          : outcome,
      );
    } catch (thrown) {
      // After an abort or a timeout, `thrown` is the abort reason and `endEarly` does nothing.
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
