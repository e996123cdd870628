import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The default name of the table in AWS. */
export const defaultTableName = 'user-onboarding-statuses';

/**
 * When an item expires, in epoch seconds. DynamoDB deletes it some time later, so readers must
 * compare the time.
 */
export const timeToLiveAttribute = 'expiresAt';

/**
 * The indexes. Each is sparse: it contains only the items that have its key attributes.
 * - `changes`: executions that ended or were redriven, partitioned by the ten seconds of the write
 * - `running`: running executions, in several partitions, each of which takes 1,000 writes a second;
 *   and lost executions, in {@link lostPartition}
 * - `trackingId`: the executions of each user, by start date
 */
export const indexes = {
  changes: 'changes',
  running: 'running',
  trackingId: 'by-tracking-id',
} as const;

/** A burst of 1,300 starts needs two partitions. More of them even out the hashing. */
export const runningPartitions = 8;

/** The partition of `running` for executions whose events were lost, until they are described. */
export const lostPartition = runningPartitions;

const changesPartitionMilliseconds = 10_000;

/** Returns the partition of `changes` for a time in epoch milliseconds. */
export function changesPartition(changedAt: number): number {
  return Math.floor(changedAt / changesPartitionMilliseconds);
}

/**
 * Returns the input of CreateTable for the status table. The key `id` is the ARN of an execution,
 * `key#<hash>` for an idempotency key, or `reconciliation`, which says how far the table has been
 * compared with ListExecutions. CreateTable cannot enable Time to Live: also enable it for
 * {@link timeToLiveAttribute}.
 */
export function statusTableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'changedIn', AttributeType: 'N' },
      { AttributeName: 'changedAt', AttributeType: 'N' },
      { AttributeName: 'runningIn', AttributeType: 'N' },
      { AttributeName: 'startDate', AttributeType: 'N' },
      { AttributeName: 'trackingId', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: indexes.changes,
        KeySchema: [
          { AttributeName: 'changedIn', KeyType: 'HASH' },
          { AttributeName: 'changedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['rank'] },
      },
      {
        IndexName: indexes.running,
        KeySchema: [
          { AttributeName: 'runningIn', KeyType: 'HASH' },
          { AttributeName: 'startDate', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: indexes.trackingId,
        KeySchema: [
          { AttributeName: 'trackingId', KeyType: 'HASH' },
          { AttributeName: 'startDate', KeyType: 'RANGE' },
        ],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['status', 'stopDate', timeToLiveAttribute],
        },
      },
    ],
  } satisfies CreateTableCommandInput;
}
