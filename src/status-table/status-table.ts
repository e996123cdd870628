import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Execution } from '../step-functions/execution.ts';
import { changesPartition, indexes } from './definition.ts';
import { StatusTableError, throwStatusTableError } from './errors.ts';
import { type Item, number, toExecution, toNumber } from './item.ts';
import { queryAll } from './query.ts';

// The most that BatchGetItem takes, by its API reference.
const batchSize = 100;
const batchesAtOnce = 4;

/** That an execution ended or was redriven. */
export interface Change {
  readonly executionArn: string;
  readonly rank: number;
  /** When it was written, in epoch milliseconds. */
  readonly changedAt: number;
}

/** What the service reads. */
export interface StatusTable {
  /**
   * What the table has of these executions; those that it does not know are absent. A read may
   * miss a write of the last second.
   *
   * @throws {StatusTableError}
   */
  read(
    executionArns: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Execution>>;
  /**
   * Executions that ended or were redriven at this time, in epoch milliseconds, or later, oldest
   * first. The writers' clocks count, and a change may take a second to show: ask again from some
   * seconds before. Makes a call for every ten seconds that have passed since.
   *
   * @throws {StatusTableError}
   */
  changesSince(since: number, signal?: AbortSignal): Promise<readonly Change[]>;
}

/** @param now epoch milliseconds */
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
      // A response ends at 16 MB; one without any progress is throttled.
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
        // One iterator for all: each takes the next batch when it is done with its last.
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
