import type { statusChangeEvent } from '../../src/functions/statuses/status-change.ts';
import { type Execution, isRunning } from '../../src/step-functions/execution.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { executionArnOf, standardArn } from '../support/step-functions-stub/executions.ts';

/** A state of an execution, and when it began. */
export interface State {
  readonly at: number;
  readonly execution: Execution;
}

export type StatusChangeEvent = (typeof statusChangeEvent)['_input'];
export type StandardExecutions = ReturnType<typeof simulateStandardExecutions>;

/**
 * The true states of Standard executions.
 *
 * @param onChange called with the event of every change
 */
export function simulateStandardExecutions(
  clock: VirtualClock,
  onChange: (event: StatusChangeEvent) => void,
) {
  const states = new Map<string, State[]>();
  const inputs = new Map<string, string>();

  function change(executionArn: string, changes: Partial<Execution>): void {
    const startDate = new Date(clock.epoch());
    const before = states.get(executionArn) ?? [];
    const last = before.at(-1)?.execution ?? { executionArn, startDate, status: 'RUNNING' };
    const execution: Execution = { ...last, ...changes };
    states.set(executionArn, [...before, { at: clock.now(), execution }]);
    onChange(eventOf(execution));
  }

  function last(executionArn: string): Execution | undefined {
    return states.get(executionArn)?.at(-1)?.execution;
  }

  function isOver(executionArn: string): boolean {
    const execution = last(executionArn);
    return execution === undefined || !isRunning(execution);
  }

  return {
    states,
    inputs,
    last,
    stateAt: (executionArn: string, time: number): Execution | undefined =>
      states.get(executionArn)?.findLast(({ at }) => at <= time)?.execution,
    start(name: string, input: string): string {
      const executionArn = executionArnOf(name);
      if (states.has(executionArn)) throw new Error(`${name} is there already`);
      inputs.set(executionArn, input);
      change(executionArn, {});
      return executionArn;
    },
    /** Does nothing if the execution has ended. */
    end(executionArn: string, status: Execution['status'], more: Partial<Execution> = {}): void {
      if (isOver(executionArn)) return;
      const isSuccess = status === 'SUCCEEDED';
      change(executionArn, {
        status,
        stopDate: new Date(clock.epoch()),
        ...(isSuccess ? { output: `{"of":"${executionArn}"}` } : { error: 'E' }),
        ...more,
      });
    },
    /** Does nothing if the execution runs or has succeeded. */
    redrive(executionArn: string): void {
      const { status, redriveCount = 0 } = last(executionArn) ?? {};
      if (!isOver(executionArn) || status === 'SUCCEEDED') return;
      const none = { stopDate: undefined, error: undefined, cause: undefined };
      change(executionArn, { status: 'RUNNING', redriveCount: redriveCount + 1, ...none });
    },
  };
}

function eventOf(execution: Execution): StatusChangeEvent {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } =
    execution;
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn,
      stateMachineArn: standardArn,
      status,
      startDate: startDate.getTime(),
      stopDate: stopDate?.getTime() ?? null,
      input: '{}',
      output: output ?? null,
      error,
      cause,
      redriveCount,
    },
  };
}
