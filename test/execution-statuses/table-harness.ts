import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import { type DynamoDbOptions, simulateDynamoDb } from '../support/simulated-dynamodb.ts';
import { createHarness, type Harness } from './harness.ts';

const tableName = 'statuses';

export interface TableHarness extends Harness {
  readonly dynamoDb: ReturnType<typeof simulateDynamoDb>;
  /** Writes the current state of the execution to the table, as its event would. */
  record(executionArn: string): Promise<void>;
  /** Starts an execution in another process; its events take `eventsTake` milliseconds. */
  run(name: string, duration: number, eventsTake?: number): string;
  /** The error of every read of the table, or only of its items or its feed, from now on. */
  readonly broken: Partial<Record<'table' | 'items' | 'feed', Error | undefined>>;
}

/** A harness with a status table whose calls take 10 ms. */
export function createTableHarness(
  options: Omit<DynamoDbOptions, 'clock' | 'fault'> & {
    /** Milliseconds by which the time of day of this process is ahead of that of writers. */
    skew?: number;
  } = {},
): TableHarness {
  const broken: TableHarness['broken'] = {};
  let dynamoDb: TableHarness['dynamoDb'] | undefined;
  const harness = createHarness({
    table(clock) {
      dynamoDb = simulateDynamoDb({
        latency: () => 5,
        ...options,
        clock,
        fault(operation) {
          const isOfItems = operation === 'BatchGetItem';
          const error = broken.table ?? (isOfItems ? broken.items : broken.feed);
          const isRead = isOfItems || operation === 'Query';
          return error && isRead ? { error, isCarriedOut: false } : undefined;
        },
      });
      return createStatusTable(dynamoDb.client, tableName, clock.epoch);
    },
    ...(options.skew ? { skew: options.skew } : {}),
  });
  if (dynamoDb === undefined) throw new Error('There is no table.');
  const { client } = dynamoDb;
  const { aws, clock } = harness;
  const recorder = createStatusRecorder(client, tableName, clock);

  async function record(executionArn: string): Promise<void> {
    await recorder.record({ execution: aws.now(executionArn), trackingId: undefined });
  }

  return {
    ...harness,
    dynamoDb,
    broken,
    record,
    run(name, duration, eventsTake = 200) {
      const { executionArn } = aws.start(name, duration);
      clock.schedule(eventsTake, () => void record(executionArn));
      clock.schedule(duration + eventsTake, () => void record(executionArn));
      return executionArn;
    },
  };
}
