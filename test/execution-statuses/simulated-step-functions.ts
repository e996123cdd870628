import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The token bucket of AWS, which counts a call when it arrives. */
interface Quota {
  readonly burst: number;
  readonly rate: number;
}

interface SimulatedExecution {
  readonly executionArn: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly ending: Partial<Execution>;
  readonly redriveCount: number;
}

/** Step Functions as DescribeExecution shows it, with quota and latency. */
export interface SimulatedStepFunctions {
  describe(executionArn: string, signal: AbortSignal): Promise<Execution>;
  /**
   * Starts an execution now, or at the given time, that ends `duration` milliseconds later. If there
   * is one of this name, redrives it.
   */
  start(
    name: string,
    duration: number,
    options?: { startsAt?: number; ending?: Partial<Execution> },
  ): { executionArn: string; startDate: Date };
  /** The current state of an execution, without a call. */
  now(executionArn: string): Execution;
  /** How often each execution was described. */
  readonly describes: Map<string, number>;
  readonly counts: { describes: number; throttled: number };
  /** An error that every call throws from now on. */
  readonly broken: { describe?: Error | undefined };
}

export const arnOf = (name: string) =>
  `arn:aws:states:eu-west-1:123456789012:execution:user-onboarding:${name}`;

/** @param options.latency milliseconds from a call to its arrival, and again to its response */
export function simulateStepFunctions(options: {
  clock: VirtualClock;
  quota?: Quota;
  latency?: () => number;
}): SimulatedStepFunctions {
  const { clock, latency = () => 15 } = options;
  const admit = createQuota(clock, options.quota ?? { burst: 300, rate: 15 });
  const executions = new Map<string, SimulatedExecution>();
  const describes = new Map<string, number>();
  const counts = { describes: 0, throttled: 0 };
  const broken: SimulatedStepFunctions['broken'] = {};

  function describe(executionArn: string): Execution {
    if (!admit()) {
      counts.throttled += 1;
      throw new StepFunctionsError('throttled');
    }
    if (broken.describe !== undefined) throw broken.describe;
    return stateOf(executionArn);
  }

  function stateOf(executionArn: string): Execution {
    const execution = executions.get(executionArn);
    if (execution === undefined || execution.startsAt > clock.now()) {
      throw new StepFunctionsError('not-found');
    }
    const { redriveCount } = execution;
    const common = { executionArn, startDate: clock.dateAt(execution.startsAt), redriveCount };
    if (execution.endsAt > clock.now()) return { ...common, status: 'RUNNING' };
    const stopDate = clock.dateAt(execution.endsAt);
    return { ...common, stopDate, status: 'SUCCEEDED', ...execution.ending };
  }

  return {
    now: stateOf,
    describes,
    counts,
    broken,
    start(name, duration, { startsAt = clock.now(), ending = { output: '{}' } } = {}) {
      const executionArn = arnOf(name);
      const redriveCount = (executions.get(executionArn)?.redriveCount ?? -1) + 1;
      const endsAt = startsAt + duration;
      executions.set(executionArn, { executionArn, startsAt, endsAt, ending, redriveCount });
      return { executionArn, startDate: clock.dateAt(startsAt) };
    },
    async describe(executionArn, signal) {
      counts.describes += 1;
      describes.set(executionArn, (describes.get(executionArn) ?? 0) + 1);
      await clock.sleep(latency());
      try {
        return describe(executionArn);
      } finally {
        await clock.sleep(latency());
        signal.throwIfAborted();
      }
    },
  };
}

export function createQuota(clock: VirtualClock, { burst, rate }: Quota): () => boolean {
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
