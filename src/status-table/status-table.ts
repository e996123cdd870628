import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Execution } from '../step-functions/execution.ts';
import { changesPartition, indexes } from './definition.ts';
import { StatusTableError, throwStatusTableError } from './errors.ts';
import { type Item, number, toExecution, toNumber } from './item.ts';
import { queryAll } from './query.ts';

// The maximum of BatchGetItem, according to its API reference.
const batchSize = 100;
const batchesAtOnce = 4;

/** An execution ended or was redriven. */
export interface Change {
  readonly executionArn: string;
  readonly rank: number;
  /** When the change was written, in epoch milliseconds. */
  readonly changedAt: number;
}

/** The reads of the status table. */
export interface StatusTable {
  /**
   * Returns the executions that are in the table, by ARN. Eventually consistent: a read may miss a
   * write of the last second.
   *
   * @throws {StatusTableError}
   */
  read(
    executionArns: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Execution>>;
  /**
   * Returns the executions that ended or were redriven since a time, oldest first. Times come from
   * the clocks of the writers, and a change may take a second to appear. So let queries overlap by
   * some seconds. Makes one call for every ten seconds since that time.
   *
   * @param since epoch milliseconds
   * @throws {StatusTableError}
   */
  changesSince(since: number, signal?: AbortSignal): Promise<readonly Change[]>;
}

/** @param now returns epoch milliseconds */
export function createStatusTable(
  client: DynamoDBClient,
  tableName: string,
  now: () => number = Date.now,
): StatusTable {
  async function batch(executionArns: readonly string[], signal?: AbortSignal): Promise<Item[]> {
    const items: Item[] = [];
    let keys: Item[] = executionArns.map((executionArn) => ({ id: { S: executionArn } }));
    while (keys.length > 0) {
      const { Responses, UnprocessedKeys } = await client
        .send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: keys } } }), {
          abortSignal: signal,
        })
        .catch(throwStatusTableError);
      items.push(...(Responses?.[tableName] ?? []));
      const left = UnprocessedKeys?.[tableName]?.Keys ?? [];
      // A response is limited to 16 MB. A response without any item means throttling.
      if (left.length === keys.length) throw new StatusTableError('throttled');
      keys = left;
    }
    return items;
  }

  async function changesIn(partition: number, since: number, signal?: AbortSignal) {
    const query = {
      TableName: tableName,
      IndexName: indexes.changes,
      KeyConditionExpression: 'changedIn = :partition AND changedAt >= :since',
      ExpressionAttributeValues: { ':partition': number(partition), ':since': number(since) },
    };
    return (await queryAll(client, query, signal)).flatMap(toChange);
  }

  return {
    async read(executionArns, signal) {
      const wanted = [...new Set(executionArns)];
      const batches = Array.from({ length: Math.ceil(wanted.length / batchSize) }, (_, index) =>
        wanted.slice(index * batchSize, (index + 1) * batchSize),
      ).values();
      const found = new Map<string, Execution>();
      async function readBatches(): Promise<void> {
        // All workers share one iterator, and take the next batch when they are done with one.
        for (const arns of batches) {
          for (const item of await batch(arns, signal)) {
            const execution = toExecution(item, now());
            if (execution) found.set(execution.executionArn, execution);
          }
        }
      }
      await Promise.all(Array.from({ length: batchesAtOnce }, readBatches));
      return found;
    },
    async changesSince(since, signal) {
      const changes: Change[] = [];
      const last = changesPartition(now());
      for (let partition = changesPartition(since); partition <= last; partition += 1) {
        changes.push(...(await changesIn(partition, since, signal)));
      }
      return changes;
    },
  };
}

function toChange(item: Item): Change[] {
  const executionArn = item.id?.S;
  const rank = toNumber(item.rank);
  const changedAt = toNumber(item.changedAt);
  if (!executionArn || rank === undefined || changedAt === undefined) return [];
  return [{ executionArn, rank, changedAt }];
}
