import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The table's name in AWS, unless whoever deploys it gives another. */
export const defaultTableName = 'user-onboarding-statuses';

/** DynamoDB deletes an item some time after this moment, in epoch seconds; readers compare it. */
export const timeToLiveAttribute = 'expiresAt';

/**
 * The indexes. Each is sparse: it holds only the items that have its key's attributes.
 * - `changes`: executions that ended or were redriven, by the ten seconds in which that was written
 * - `running`: executions that run, over several partitions, as one takes 1,000 writes a second
 * - `trackingId`: the executions of one user, by start date
 */
export const indexes = {
  changes: 'changes',
  running: 'running',
  trackingId: 'by-tracking-id',
} as const;

/** `running` has partitions 0 to 7: a burst of 1,300 starts needs two, and hashing is uneven. */
export const runningPartitions = 8;

const changesPartitionMilliseconds = 10_000;

/** The partition of `changes` that holds what changed at this time, in epoch milliseconds. */
export function changesPartition(changedAt: number): number {
  return Math.floor(changedAt / changesPartitionMilliseconds);
}

/**
 * The status table, as CreateTable takes it. Its key `id` is an execution's ARN, or `key#<hash>` for
 * a claimed idempotency key. Enable Time to Live on {@link timeToLiveAttribute} as well, which
 * CreateTable cannot do.
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
