import type { DynamoDbOperation } from '../support/simulated-dynamodb.ts';
import type { Choices } from './choices.ts';
import { createWindows, type Windows } from './windows.ts';

/** The faults of one seed, with their probabilities. */
export interface Weather {
  readonly hasTable: boolean;
  readonly processes: number;
  /** The executions of a crowd of callers, far more than the describe budget of a process allows. */
  readonly crowd: number;
  /** Probabilities in the delivery of an event. */
  readonly events: { lost: number; twice: number; late: number; withoutOutput: number };
  /** The most milliseconds that indexes and reads of the table lag, and that clocks differ. */
  readonly indexLag: number;
  readonly readLag: number;
  readonly skew: number;
  /** When the table refuses calls or is slow, and when Step Functions fails. */
  readonly tableOutages: Windows;
  readonly stepFunctionsOutages: Windows;
  /** When the function that recovers lost events does not run, stops early or is throttled. */
  readonly reconcilerOutages: Windows;
  /** When every event is lost. */
  readonly losses: Windows;
  /** The number of executions that ListExecutions returns in a page. */
  readonly listPageSize: number;
  /** The share of calls that the table refuses during an outage. */
  readonly refusals: number;
  /** The operation that outages of the table affect; without it, they affect all. */
  readonly failing: DynamoDbOperation | undefined;
  /** Whether outages of the table affect only readers. */
  readonly areWritersSpared: boolean;
  /** The probability that the response of DescribeExecution takes seconds. */
  readonly slowDescriptions: number;
  /** The longest that an execution runs, in milliseconds. */
  readonly longest: number;
  /** Whether another program of the account uses the quota of DescribeExecution too. */
  readonly isQuotaShared: boolean;
  /** Whether a caller polls executions that do not exist. */
  readonly hasInventedArns: boolean;
  /** The probability that a call fails without an outage. Its retry succeeds. */
  readonly faults: number;
  /** The probability that an attempt of StartSyncExecution fails. */
  readonly syncFaults: number;
  /** The probability that a process crashes at a call that writes. */
  readonly crashes: number;
  /** The most sync executions that a process runs at once. */
  readonly syncCapacity: number;
}

export function chooseWeather(choices: Choices): Weather {
  const isCalm = choices.chance(0.4);
  const crowd = choices.chance(0.06) ? choices.whole(50, 150) : 0;
  const outages = (probability: number, longest = 90_000) => {
    if (isCalm || !choices.chance(probability)) return createWindows([]);
    const from = choices.whole(5000, 60_000);
    return createWindows([{ from, to: from + choices.whole(2000, longest) }]);
  };
  return {
    hasTable: crowd > 0 || choices.chance(0.85),
    processes: choices.whole(1, 4),
    crowd,
    events: {
      lost: choices.pick([0, 0, 0.05, 0.4]) ?? 0,
      twice: 0.1,
      late: 0.1,
      withoutOutput: choices.pick([0.05, 0.3]) ?? 0.05,
    },
    indexLag: choices.pick([0, 500, 2000]) ?? 0,
    readLag: choices.pick([0, 300, 1000]) ?? 0,
    skew: choices.pick([0, 200, 1000]) ?? 0,
    tableOutages: outages(crowd > 0 ? 1 : 0.5),
    stepFunctionsOutages: outages(0.3),
    reconcilerOutages: outages(0.4, 300_000),
    losses: outages(0.3),
    listPageSize: choices.pick([3, 10, 1000]) ?? 10,
    refusals: choices.pick([0.5, 0.8, 1]) ?? 1,
    failing: choices.pick([undefined, undefined, 'Query', 'BatchGetItem', 'UpdateItem'] as const),
    areWritersSpared: choices.chance(0.5),
    slowDescriptions: isCalm ? 0 : (choices.pick([0, 0, 0.1]) ?? 0),
    longest: choices.pick([90_000, 90_000, 300_000]) ?? 90_000,
    isQuotaShared: !isCalm && choices.chance(0.2),
    hasInventedArns: !isCalm && choices.chance(0.3),
    faults: isCalm ? 0 : (choices.pick([0, 0.05, 0.2]) ?? 0),
    syncFaults: choices.pick([0, 0.1, 0.3]) ?? 0,
    crashes: choices.pick([0, 0.02, 0.1]) ?? 0,
    syncCapacity: choices.pick([1, 3, 1000]) ?? 1000,
  };
}
