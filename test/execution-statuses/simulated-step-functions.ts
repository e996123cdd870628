import type { StatusCalls } from '../../src/execution-statuses/status-calls.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** AWS's own bucket: a call is counted when it arrives. */
interface Quota {
  readonly burst: number;
  readonly rate: number;
}

type Operation = 'describe' | 'list';

interface SimulatedExecution {
  readonly executionArn: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly ending: Partial<Execution>;
}

/** Step Functions as DescribeExecution and ListExecutions show it, quotas and delays included. */
export interface SimulatedStepFunctions extends StatusCalls {
  /** Starts an execution now, or at the given time, that ends after so many milliseconds. */
  start(
    name: string,
    lasts: number,
    options?: { startsAt?: number; ending?: Partial<Execution> },
  ): { executionArn: string; startDate: Date };
  readonly describes: Map<string, number>;
  readonly counts: { describes: number; lists: number; throttled: number };
  /** DescribeExecution calls of one execution that were under way at once, at most. */
  mostDescribesOfOne(): number;
  /** What every call of an operation throws from now on. */
  readonly broken: { describe?: Error | undefined; list?: Error | undefined };
}

export const arnOf = (name: string) =>
  `arn:aws:states:eu-west-1:123456789012:execution:user-onboarding:${name}`;

/**
 * @param options.latency milliseconds from a call to its arrival, and again to its answer
 * @param options.listingLag milliseconds until a start or an end shows in the list
 */
export function simulateStepFunctions(options: {
  clock: VirtualClock;
  describeQuota?: Quota;
  listQuota?: Quota;
  latency?: (operation: Operation) => number;
  listingLag?: number;
  pageSize?: number;
}): SimulatedStepFunctions {
  const { clock, latency = () => 15, listingLag = 0, pageSize = 1000 } = options;
  const admitDescribe = createQuota(clock, options.describeQuota ?? { burst: 300, rate: 15 });
  const admitList = createQuota(clock, options.listQuota ?? { burst: 200, rate: 5 });
  /** Oldest first. */
  const executions: SimulatedExecution[] = [];
  const byArn = new Map<string, SimulatedExecution>();
  const describes = new Map<string, number>();
  const counts = { describes: 0, lists: 0, throttled: 0 };
  const underWay = new Map<string, number>();
  let mostDescribesOfOne = 0;
  const broken: SimulatedStepFunctions['broken'] = {};

  async function call<T>(
    operation: Operation,
    admit: () => boolean,
    error: () => Error | undefined,
    signal: AbortSignal,
    answer: () => T | undefined,
  ): Promise<T> {
    await clock.sleep(latency(operation));
    const isAdmitted = admit();
    if (!isAdmitted) counts.throttled += 1;
    const answered = isAdmitted && error() === undefined ? answer() : undefined;
    await clock.sleep(latency(operation));
    signal.throwIfAborted();
    if (!isAdmitted) throw new StepFunctionsError('throttled');
    const failure = error();
    if (failure !== undefined) throw failure;
    if (answered === undefined) throw new StepFunctionsError('not-found');
    return answered;
  }

  function describe(executionArn: string): Execution | undefined {
    const execution = byArn.get(executionArn);
    if (execution === undefined || execution.startsAt > clock.now()) return undefined;
    const startDate = new Date(execution.startsAt);
    if (execution.endsAt > clock.now()) return { executionArn, startDate, status: 'RUNNING' };
    const stopDate = new Date(execution.endsAt);
    return { executionArn, startDate, stopDate, status: 'SUCCEEDED', ...execution.ending };
  }

  return {
    describes,
    counts,
    broken,
    mostDescribesOfOne: () => mostDescribesOfOne,
    start(name, lasts, { startsAt = clock.now(), ending = { output: '{}' } } = {}) {
      const executionArn = arnOf(name);
      const execution = { executionArn, startsAt, endsAt: startsAt + lasts, ending };
      byArn.set(executionArn, execution);
      const after = executions.findLastIndex((other) => other.startsAt <= startsAt);
      executions.splice(after + 1, 0, execution);
      return { executionArn, startDate: new Date(startsAt) };
    },
    async describe(executionArn, signal) {
      const atOnce = (underWay.get(executionArn) ?? 0) + 1;
      underWay.set(executionArn, atOnce);
      mostDescribesOfOne = Math.max(mostDescribesOfOne, atOnce);
      counts.describes += 1;
      describes.set(executionArn, (describes.get(executionArn) ?? 0) + 1);
      try {
        return await call(
          'describe',
          admitDescribe,
          () => broken.describe,
          signal,
          () => describe(executionArn),
        );
      } finally {
        underWay.set(executionArn, (underWay.get(executionArn) ?? 0) - 1);
      }
    },
    listRunning(nextToken, signal) {
      counts.lists += 1;
      return call(
        'list',
        admitList,
        () => broken.list,
        signal,
        () => {
          const shown = clock.now() - listingLag;
          // The token names the place in the whole list, so pages do not shift.
          let index = nextToken === undefined ? executions.length - 1 : Number(nextToken);
          const page = [];
          for (; index >= 0 && page.length < pageSize; index -= 1) {
            const execution = executions[index];
            if (execution === undefined) break;
            const { executionArn, startsAt, endsAt } = execution;
            if (startsAt <= shown && shown < endsAt) {
              page.push({ executionArn, startDate: new Date(startsAt) });
            }
          }
          return { executions: page, nextToken: index >= 0 ? String(index) : undefined };
        },
      );
    },
  };
}

function createQuota(clock: VirtualClock, { burst, rate }: Quota): () => boolean {
  let tokens = burst;
  let at = clock.now();
  return () => {
    tokens = Math.min(burst, tokens + (rate * (clock.now() - at)) / 1000);
    at = clock.now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
