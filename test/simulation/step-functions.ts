import type { statusChangeEvent } from '../../src/functions/statuses/status-change.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import type {
  ExecutionRecords,
  ListedExecution,
} from '../../src/step-functions/execution-records.ts';
import { createQuota } from '../execution-statuses/simulated-step-functions.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { isListed } from '../functions/statuses/simulated-executions.ts';
import { executionArnOf, standardArn } from '../support/step-functions-stub/executions.ts';
import type { Choices } from './choices.ts';
import type { Windows } from './windows.ts';

/** A state of an execution, and since when it is in it. */
export interface State {
  readonly at: number;
  readonly execution: Execution;
}

export type StatusChangeEvent = (typeof statusChangeEvent)['_input'];

/** The longest that a description or a list is behind. */
export const descriptionLag = 800;

/** Executions as they are, and as DescribeExecution and ListExecutions show them. */
export function simulateStepFunctions(options: {
  clock: VirtualClock;
  choices: Choices;
  quota: { burst: number; rate: number };
  /** When every call fails. */
  outages: Windows;
  onChange(event: StatusChangeEvent): void;
}) {
  const { clock, choices, quota, outages, onChange } = options;
  const states = new Map<string, State[]>();
  const admit = createQuota(clock, quota);
  const counts = { describes: 0, throttled: 0 };

  function change(executionArn: string, changes: Partial<Execution>): void {
    const startDate = new Date(clock.epoch());
    const before = states.get(executionArn) ?? [];
    const last = before.at(-1)?.execution ?? { executionArn, startDate, status: 'RUNNING' };
    const execution: Execution = { ...last, ...changes };
    states.set(executionArn, [...before, { at: clock.now(), execution }]);
    onChange(eventOf(execution));
  }

  function end(executionArn: string, status: Execution['status']): void {
    const isSuccess = status === 'SUCCEEDED';
    change(executionArn, {
      status,
      stopDate: new Date(clock.epoch()),
      ...(isSuccess ? { output: `{"of":"${executionArn}"}` } : { error: 'E' }),
    });
  }

  async function call<T>(respond: (seenAt: number) => T): Promise<T> {
    await clock.sleep(choices.whole(2, 60));
    const isOut = outages.isOpen(clock.now());
    const response = isOut ? undefined : respond(clock.now() - choices.whole(0, descriptionLag));
    await clock.sleep(choices.whole(2, 60));
    if (response === undefined) throw new StepFunctionsError('unavailable');
    return response;
  }

  function stateAt(executionArn: string, time: number): Execution | undefined {
    return states.get(executionArn)?.findLast(({ at }) => at <= time)?.execution;
  }

  function listedAt(executionArn: string, time: number): ListedExecution[] {
    const execution = stateAt(executionArn, time);
    if (!execution) return [];
    const { redriveCount = 0 } = execution;
    const redriven = (states.get(executionArn) ?? []).find(
      (state) => redriveCount > 0 && state.execution.redriveCount === redriveCount,
    );
    return [{ ...execution, redriveDate: redriven && clock.dateAt(redriven.at) }];
  }

  function describe(executionArn: string): Promise<Execution> {
    counts.describes += 1;
    return call((seenAt) => {
      if (!admit()) {
        counts.throttled += 1;
        throw new StepFunctionsError('throttled');
      }
      const execution = stateAt(executionArn, seenAt);
      if (execution === undefined) throw new StepFunctionsError('not-found');
      return execution;
    });
  }

  const records: Pick<ExecutionRecords, 'describe' | 'list'> = {
    describe: async (executionArn) => ({ execution: await describe(executionArn), input: '{}' }),
    list: (_, which, nextToken = '0') =>
      call((seenAt) => {
        const all = [...states.keys()]
          .flatMap((executionArn) => listedAt(executionArn, seenAt))
          .filter(isListed[which])
          .sort((a, b) => b.startDate.getTime() - a.startDate.getTime());
        const end = Number(nextToken) + 10;
        return {
          executions: all.slice(Number(nextToken), end),
          nextToken: end < all.length ? String(end) : undefined,
        };
      }),
  };

  return {
    states,
    counts,
    records,
    describe,
    /** Uses up tokens, as another program of the account does. */
    useUp(calls: number): void {
      for (let i = 0; i < calls; i += 1) admit();
    },
    start(name: string): Execution {
      const executionArn = executionArnOf(name);
      change(executionArn, {});
      return stateAt(executionArn, clock.now()) as Execution;
    },
    end,
    redrive(executionArn: string): void {
      const redriveCount = (stateAt(executionArn, clock.now())?.redriveCount ?? 0) + 1;
      const none = { stopDate: undefined, error: undefined };
      change(executionArn, { status: 'RUNNING', redriveCount, ...none });
    },
  };
}

function eventOf(execution: Execution): StatusChangeEvent {
  const { executionArn, status, startDate, stopDate, output, error, redriveCount } = execution;
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
      redriveCount,
    },
  };
}
