import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import type {
  ExecutionReader,
  ListedExecution,
} from '../../src/step-functions/execution-reader.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { isListed } from '../functions/statuses/simulated-executions.ts';
import type { StandardExecutions } from './standard-executions.ts';
import type { Windows } from './windows.ts';

/** DescribeExecution and ListExecutions for the functions that write the table. */
export function simulateExecutionReader(options: {
  clock: VirtualClock;
  executions: StandardExecutions;
  /** When all calls fail. */
  outages: Windows;
  /** The number of executions in a page of a list. */
  pageSize: number;
  /** Takes a token of DescribeExecution, and returns whether there was one. */
  admit(): boolean;
  /** Waits as long as a call, or its response, is in transit. */
  leg(): Promise<void>;
  /** The point in time whose state a call returns. */
  seenAt(): number;
}): Pick<ExecutionReader, 'describe' | 'list'> {
  const { clock, executions, outages, pageSize, admit, leg, seenAt } = options;

  async function call<T>(respond: (time: number) => T | undefined): Promise<T> {
    await leg();
    const isOut = outages.isOpen(clock.now());
    const response = isOut ? undefined : respond(seenAt());
    await leg();
    if (response === undefined) throw new StepFunctionsError(isOut ? 'unavailable' : 'not-found');
    return response;
  }

  function listedAt(executionArn: string, time: number): ListedExecution[] {
    const execution = executions.stateAt(executionArn, time);
    if (!execution) return [];
    const { redriveCount = 0 } = execution;
    const redriven = (executions.states.get(executionArn) ?? []).find(
      (state) => redriveCount > 0 && state.execution.redriveCount === redriveCount,
    );
    return [{ ...execution, redriveDate: redriven && clock.dateAt(redriven.at) }];
  }

  return {
    describe: (executionArn) =>
      call((time): { execution: Execution; input: string } | undefined => {
        if (!admit()) throw new StepFunctionsError('throttled');
        const execution = executions.stateAt(executionArn, time);
        return execution && { execution, input: '{}' };
      }),
    list: (_, which, nextToken = '0') =>
      call((time) => {
        const all = [...executions.states.keys()]
          .flatMap((executionArn) => listedAt(executionArn, time))
          .filter(isListed[which])
          .sort((a, b) => b.startDate.getTime() - a.startDate.getTime());
        const end = Number(nextToken) + pageSize;
        return {
          executions: all.slice(Number(nextToken), end),
          nextToken: end < all.length ? String(end) : undefined,
        };
      }),
  };
}
