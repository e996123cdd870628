import type { Clock } from '../../../src/clock.ts';
import type { StateMachineArn } from '../../../src/step-functions/arns.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import { type Execution, isRunning } from '../../../src/step-functions/execution.ts';
import type {
  ExecutionReader,
  ListedExecution,
} from '../../../src/step-functions/execution-reader.ts';
import { executionArnOf } from '../../support/step-functions-stub/executions.ts';

/** A clock that only `advance` and `schedule` move. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

export function manualClock(start: number): ManualClock {
  let now = start;
  const advance = (milliseconds: number) => {
    now += milliseconds;
  };
  return {
    now: () => now,
    epoch: () => now,
    advance,
    schedule(milliseconds, task) {
      advance(milliseconds);
      task();
      return () => undefined;
    },
  };
}

/** Whether each list has an execution. */
export const isListed = {
  all: () => true,
  running: isRunning,
  redriven: ({ redriveCount = 0 }: Execution) => redriveCount > 0,
};

/** The executions of one state machine as ListExecutions and DescribeExecution show them. */
export function simulateExecutions(clock: Clock, pageSize = 1000) {
  const executions = new Map<string, ListedExecution>();
  const calls = { describe: [] as string[], list: 0 };
  /** Errors that calls throw, by ARN or by list. */
  const broken = new Map<string, Error>();

  function change(name: string, changes: Partial<ListedExecution>): Execution {
    const executionArn = executionArnOf(name);
    const startDate = new Date(clock.now());
    const last = executions.get(executionArn) ?? { executionArn, status: 'RUNNING', startDate };
    const execution = { ...last, ...changes };
    executions.set(executionArn, execution);
    const { redriveDate, ...described } = execution;
    return described;
  }

  const executionReader: Pick<ExecutionReader, 'describe' | 'list'> = {
    async describe(executionArn) {
      calls.describe.push(executionArn);
      const error = broken.get(executionArn);
      if (error) throw error;
      const execution = executions.get(executionArn);
      if (!execution) throw new StepFunctionsError('not-found');
      const { redriveDate, ...described } = execution;
      return { execution: described, input: JSON.stringify({ user: { userId: 'user-88888' } }) };
    },
    async list(_: StateMachineArn, which, nextToken = '0') {
      calls.list += 1;
      const error = broken.get(which);
      if (error) throw error;
      const wanted = [...executions.values()]
        .filter((execution) => isListed[which](execution))
        .sort((a, b) => b.startDate.getTime() - a.startDate.getTime());
      const end = Number(nextToken) + pageSize;
      return {
        executions: wanted
          .slice(Number(nextToken), end)
          .map(({ output, error, cause, ...listed }) => listed),
        nextToken: end < wanted.length ? String(end) : undefined,
      };
    },
  };

  return {
    executionReader,
    calls,
    broken,
    start: (name: string) => change(name, {}),
    end: (name: string, status: Execution['status'] = 'SUCCEEDED') =>
      change(name, {
        status,
        stopDate: new Date(clock.now()),
        ...(status === 'SUCCEEDED' ? { output: '{}' } : { error: 'E' }),
      }),
    redrive(name: string) {
      const { redriveCount = 0 } = change(name, {});
      const none = { stopDate: undefined, error: undefined, cause: undefined };
      const redriveDate = new Date(clock.now());
      const redriven = { redriveCount: redriveCount + 1, redriveDate };
      return change(name, { status: 'RUNNING', ...redriven, ...none });
    },
    delete: (name: string) => executions.delete(executionArnOf(name)),
  };
}
