import { recordStatus } from '../../src/functions/record-status.ts';
import { createProgressStore } from '../../src/functions/statuses/progress.ts';
import { reconcile } from '../../src/functions/statuses/reconciliation.ts';
import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { runningExecutions } from '../../src/functions/statuses/running-executions.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import { parseStateMachineArn } from '../../src/step-functions/arns.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { createVirtualClock } from '../execution-statuses/virtual-clock.ts';
import { type DynamoDbOperation, simulateDynamoDb } from '../support/simulated-dynamodb.ts';
import { standardArn } from '../support/step-functions-stub/executions.ts';
import { createChoices } from './choices.ts';
import { errorOf } from './faults.ts';
import { type StatusChangeEvent, simulateStandardExecutions } from './standard-executions.ts';
import { simulateStepFunctions } from './step-functions.ts';
import { chooseWeather } from './weather.ts';

export const tableName = 'statuses';
/** The default quota of DescribeExecution in most Regions. */
export const quota = { burst: 250, rate: 10 };
const minute = 60_000;

/** An event, and when it is first delivered to the function. */
interface Delivery {
  readonly event: StatusChangeEvent;
  readonly at: number;
}

export type Aws = ReturnType<typeof createAws>;

/** Step Functions, the table, and the two functions that write it, on one clock. */
export function createAws(seed: number) {
  const choices = createChoices(seed);
  const clock = createVirtualClock();
  const weather = chooseWeather(choices);
  const executions = simulateStandardExecutions(clock, publish);
  const outages = weather.stepFunctionsOutages;
  const stepFunctions = simulateStepFunctions({
    clock,
    choices,
    executions,
    quota,
    outages,
    slowDescriptions: weather.slowDescriptions,
    listPageSize: weather.listPageSize,
  });
  const isTableOut = (operation: DynamoDbOperation) =>
    weather.tableOutages.isOpen(clock.now()) && (weather.failing ?? operation) === operation;
  const dynamoDb = simulateDynamoDb({
    clock,
    latency(operation) {
      // A write times out before it is too late for the feed to show it.
      const slow = operation === 'UpdateItem' ? 1000 : 5000;
      return isTableOut(operation) && choices.chance(0.3) ? slow : choices.whole(1, 20);
    },
    readLag: () => choices.whole(0, weather.readLag),
    indexLag: () => choices.whole(0, weather.indexLag),
    fault(operation: DynamoDbOperation) {
      const isSpared = weather.areWritersSpared && operation === 'UpdateItem';
      if (!isTableOut(operation) || isSpared || !choices.chance(weather.refusals)) return undefined;
      const isCarriedOut = choices.chance(0.3);
      const fault = isCarriedOut
        ? choices.pick(['lost-after', 'failed-after'] as const)
        : choices.pick(['refused', 'not-connected', 'lost-before', 'failed-before'] as const);
      return { error: errorOf(fault ?? 'lost-after'), isCarriedOut };
    },
    pageSize: weather.crowd > 0 ? 100 : 7,
  });
  const ahead = () => choices.whole(-weather.skew, weather.skew);
  const writersAhead = ahead();
  const writers = () => clock.epoch() + writersAhead;
  const stateMachine = parseStateMachineArn(standardArn);
  const clients = {
    executionReader: stepFunctions.executionReader,
    recorder: createStatusRecorder(dynamoDb.client, tableName, { ...clock, epoch: writers }),
    table: createStatusTable(dynamoDb.client, tableName, writers),
    running: (startedBefore: number) =>
      runningExecutions(dynamoDb.client, tableName, startedBefore),
    progress: createProgressStore(dynamoDb.client, tableName),
  };
  const deliveries: Delivery[] = [];
  let isReconciled = weather.hasTable;

  function publish(event: StatusChangeEvent): void {
    const { lost, twice, late, withoutOutput } = weather.events;
    const outputDetails = { included: false };
    const isCut = event.detail.output !== null && choices.chance(withoutOutput);
    const detail = isCut ? { ...event.detail, output: null, outputDetails } : event.detail;
    if (choices.chance(lost) || weather.losses.isOpen(clock.now())) return;
    for (let copies = choices.chance(twice) ? 2 : 1; copies > 0; copies -= 1) {
      const delay = choices.chance(late) ? choices.whole(500, 20_000) : choices.whole(50, 700);
      clock.schedule(delay, () => void deliver({ ...event, detail }, [minute, 2 * minute]));
      deliveries.push({ event, at: clock.now() + delay });
    }
  }

  /** Invokes the function asynchronously as Lambda does: a failure is retried twice. */
  async function deliver(event: StatusChangeEvent, repeats: number[]): Promise<void> {
    try {
      await recordStatus(event, clients, standardArn);
    } catch {
      const [next, ...others] = repeats;
      if (next !== undefined) clock.schedule(next, () => void deliver(event, others));
    }
  }

  const throttled = async () => {
    throw new StepFunctionsError('throttled');
  };

  function reconcileEveryMinute(): void {
    if (!isReconciled || !stateMachine) return;
    clock.schedule(minute, reconcileEveryMinute);
    const isOut = weather.reconcilerOutages.isOpen(clock.now());
    // EventBridge may invoke the function more than once.
    const runs = isOut ? choices.whole(0, 1) : choices.chance(0.1) ? 2 : 1;
    for (let run = 0; run < runs; run += 1) {
      const isThrottled = isOut && choices.chance(0.7);
      const until = clock.epoch() + (isOut && !isThrottled ? choices.whole(0, 2000) : 50_000);
      const executionReader = { ...clients.executionReader };
      if (isThrottled) executionReader.describe = throttled;
      const options = { stateMachine, clock, until };
      reconcile({ ...clients, executionReader }, options).catch(() => undefined);
    }
  }

  reconcileEveryMinute();
  return {
    seed,
    choices,
    clock,
    weather,
    executions,
    stepFunctions,
    dynamoDb,
    /** The events that were not lost. */
    deliveries,
    /** The milliseconds by which the clock of a process is ahead. */
    ahead,
    /** Stops the runs of the reconciler, so that days can pass quickly. */
    stopReconciling(): void {
      isReconciled = false;
    },
  };
}
