import { createExecutionStatuses } from '../../src/execution-statuses/execution-statuses.ts';
import type { ExecutionStatuses } from '../../src/execution-statuses/status.ts';
import { recordStatus } from '../../src/functions/record-status.ts';
import { reconcile } from '../../src/functions/statuses/reconciliation.ts';
import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { runningExecutions } from '../../src/functions/statuses/running-executions.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import { parseStateMachineArn } from '../../src/step-functions/arns.ts';
import { createQuota } from '../execution-statuses/simulated-step-functions.ts';
import { createVirtualClock, type VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { simulateDynamoDb } from '../support/simulated-dynamodb.ts';
import { standardArn } from '../support/step-functions-stub/executions.ts';
import { type Choices, createChoices } from './choices.ts';
import { type StatusChangeEvent, simulateStepFunctions } from './step-functions.ts';
import { createWindows, type Windows } from './windows.ts';

const tableName = 'statuses';
const stateMachine = parseStateMachineArn(standardArn);
const minute = 60_000;
/** DescribeExecution's quota in most Regions, and what reconcile-statuses takes of it. */
const quota = { burst: 250, rate: 10 };
const reconcileRate = 3;

/** What is likely to go wrong with one seed. */
export interface Weather {
  readonly hasTable: boolean;
  readonly processes: number;
  /** Probabilities of an event's delivery. */
  readonly events: { lost: number; twice: number; late: number; withoutOutput: number };
  /** The most by which indexes and reads of the table are behind, and clocks differ. */
  readonly indexLag: number;
  readonly readLag: number;
  readonly skew: number;
  /** When the table refuses or is slow, and when Step Functions fails. */
  readonly tableOutages: Windows;
  readonly stepFunctionsOutages: Windows;
  /** The share of calls that an outage of the table refuses. */
  readonly refusals: number;
  /** Whether it is only the readers that cannot reach the table. */
  readonly areWritersSpared: boolean;
  /** Whether another program uses the quota too, and callers make ARNs up. */
  readonly hasOthers: boolean;
  readonly hasStrangers: boolean;
}

/** A process of the service while it lives. */
export interface Process {
  readonly name: string;
  readonly statuses: ExecutionStatuses;
  /** Describes an execution for a keyed start. */
  replay(executionArn: string, caller: string): Promise<unknown>;
  /** Aborted when it crashes. */
  readonly crashed: AbortSignal;
  crash(): void;
  /** Timers that it has set. */
  pending(): number;
  /** DescribeExecution calls of its own that its budget did not allow. */
  beyondBudget(): number;
}

export type World = ReturnType<typeof createWorld>;

/**
 * Several processes, both functions, the table and Step Functions, on one clock.
 *
 * @param onDescribe called when a process describes an execution for its status
 */
export function createWorld(
  seed: number,
  onDescribe: (process: Process, executionArn: string) => void,
) {
  const choices = createChoices(seed);
  const clock = createVirtualClock();
  const weather = foresee(choices);
  const failures: string[] = [];
  const stepFunctions = simulateStepFunctions({
    clock,
    choices,
    quota,
    outages: weather.stepFunctionsOutages,
    onChange: publish,
  });
  const dynamoDb = simulateDynamoDb({
    clock,
    latency(operation) {
      const isSlow = weather.tableOutages.isOpen(clock.now()) && choices.chance(0.3);
      // A write is given up before it is too late for the feed to show it.
      const slow = operation === 'UpdateItem' ? 1000 : 5000;
      return isSlow ? slow : choices.whole(1, 20);
    },
    readLag: () => choices.whole(0, weather.readLag),
    indexLag: () => choices.whole(0, weather.indexLag),
    fault(operation) {
      const isOut = weather.tableOutages.isOpen(clock.now()) && choices.chance(weather.refusals);
      const isSpared = weather.areWritersSpared && operation === 'UpdateItem';
      if (!isOut || isSpared) return undefined;
      return { error: new Error('refused'), isCarriedOut: choices.chance(0.3) };
    },
    pageSize: 7,
  });
  const writers = epochOf(clock, choices, weather);
  const connections = {
    records: stepFunctions.records,
    recorder: createStatusRecorder(dynamoDb.client, tableName, { ...clock, now: writers }),
    table: createStatusTable(dynamoDb.client, tableName, writers),
    running: (startedBefore: number) =>
      runningExecutions(dynamoDb.client, tableName, startedBefore),
  };
  const processes: Process[] = [];
  let started = 0;

  function publish(event: StatusChangeEvent): void {
    const { lost, twice, late, withoutOutput } = weather.events;
    const outputDetails = { included: false };
    const isCut = event.detail.output !== null && choices.chance(withoutOutput);
    const detail = isCut ? { ...event.detail, output: null, outputDetails } : event.detail;
    if (choices.chance(lost)) return;
    for (let copies = choices.chance(twice) ? 2 : 1; copies > 0; copies -= 1) {
      const delay = choices.chance(late) ? choices.whole(500, 20_000) : choices.whole(50, 700);
      clock.schedule(delay, () => void deliver({ ...event, detail }, [minute, 2 * minute]));
    }
  }

  /** As Lambda invokes a function asynchronously: a failure is repeated twice. */
  async function deliver(event: StatusChangeEvent, repeats: number[]): Promise<void> {
    try {
      await recordStatus(event, connections, stateMachine);
    } catch {
      const [next, ...others] = repeats;
      if (next !== undefined) clock.schedule(next, () => void deliver(event, others));
    }
  }

  function startProcess(): Process {
    started += 1;
    const name = `process-${started}`;
    const crash = new AbortController();
    const epoch = epochOf(clock, choices, weather);
    const rate = (quota.rate - reconcileRate) / weather.processes;
    const burst = Math.floor(100 / weather.processes);
    const admit = createQuota(clock, { rate, burst });
    let pending = 0;
    let beyondBudget = 0;
    const statuses = createExecutionStatuses({
      describe(executionArn) {
        onDescribe(process, executionArn);
        return describe(executionArn);
      },
      table: weather.hasTable ? createStatusTable(dynamoDb.client, tableName, epoch) : undefined,
      describeRate: rate,
      describeBurst: burst,
      clock: {
        now: clock.now,
        epoch,
        schedule(milliseconds, task) {
          pending += 1;
          let isOver = false;
          const over = () => {
            if (!isOver) pending -= 1;
            isOver = true;
          };
          const cancel = clock.schedule(milliseconds, () => {
            over();
            task();
          });
          return () => {
            over();
            cancel();
          };
        },
      },
      random: choices.random,
      onFailure: () => undefined,
    });
    /** Checks the budget when the call is sent. */
    function describe(executionArn: string) {
      if (!admit()) beyondBudget += 1;
      return stepFunctions.describe(executionArn);
    }

    const process: Process = {
      name,
      statuses,
      replay: (executionArn, caller) =>
        statuses.withinDescribeBudget(() => describe(executionArn), caller),
      crashed: crash.signal,
      crash() {
        processes.splice(processes.indexOf(process), 1);
        crash.abort(new Error('crashed'));
        statuses.close();
      },
      pending: () => pending,
      beyondBudget: () => beyondBudget,
    };
    processes.push(process);
    return process;
  }

  async function reconcileForEver(): Promise<void> {
    for (;;) {
      await clock.sleep(minute);
      const until = clock.epoch() + 50_000;
      if (!stateMachine) return;
      await reconcile(connections, {
        stateMachine,
        clock: { now: clock.epoch, sleep: clock.sleep },
        until,
      }).catch(() => undefined);
    }
  }

  for (let i = 0; i < weather.processes; i += 1) startProcess();
  if (weather.hasTable) void reconcileForEver();
  return {
    seed,
    choices,
    clock,
    weather,
    stepFunctions,
    dynamoDb,
    processes,
    startProcess,
    /** What went against an invariant. */
    failures,
  };
}

function epochOf(clock: VirtualClock, choices: Choices, { skew }: Weather): () => number {
  const ahead = choices.whole(-skew, skew);
  return () => clock.epoch() + ahead;
}

function foresee(choices: Choices): Weather {
  const isCalm = choices.chance(0.4);
  const outages = (probability: number) => {
    if (isCalm || !choices.chance(probability)) return createWindows([]);
    const from = choices.whole(5000, 60_000);
    return createWindows([{ from, to: from + choices.whole(2000, 90_000) }]);
  };
  return {
    hasTable: choices.chance(0.85),
    processes: choices.whole(1, 4),
    events: {
      lost: choices.chance(0.5) ? 0 : 0.05,
      twice: 0.1,
      late: 0.1,
      withoutOutput: 0.05,
    },
    indexLag: choices.pick([0, 500, 2000]) ?? 0,
    readLag: choices.pick([0, 300, 1000]) ?? 0,
    skew: choices.pick([0, 200, 1000]) ?? 0,
    tableOutages: outages(0.5),
    stepFunctionsOutages: outages(0.3),
    refusals: choices.pick([0.5, 0.8, 1]) ?? 1,
    areWritersSpared: choices.chance(0.5),
    hasOthers: !isCalm && choices.chance(0.2),
    hasStrangers: !isCalm && choices.chance(0.3),
  };
}
