import {
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Execution } from '../step-functions/execution.ts';
import { isCarriedOut } from './conditional-write.ts';
import { indexes, runningPartitions } from './definition.ts';
import { attributesOf, number, text, toDate } from './item.ts';
import { queryAll } from './query.ts';
import { rankOf } from './rank.ts';

const isUnknown = 'attribute_not_exists(#id)';
const isEarlier = '#rank < :rank';
const isUnchanged = '#rank = :rank';

/** An execution, and the user whom it is for, where that is known. */
export interface Observation {
  readonly execution: Execution;
  readonly trackingId: string | undefined;
}

/** What the functions that keep the table do with it. */
export interface StatusRecorder {
  /**
   * Writes what has been observed of an execution, unless the table has the same state or a later
   * one. A tracking id that is not known now leaves the one that is stored.
   *
   * @returns whether the table had an earlier state, or none
   * @throws {StatusTableError}
   */
  record(observation: Observation): Promise<boolean>;
  /**
   * Executions that run, as far as the table knows, and their start dates.
   *
   * @param startedBefore epoch milliseconds
   * @throws {StatusTableError}
   */
  running(startedBefore: number): Promise<ReadonlyMap<string, Date>>;
  /**
   * Deletes an execution that Step Functions no longer has, unless a later state has been recorded.
   *
   * @throws {StatusTableError}
   */
  forget(execution: Execution): Promise<void>;
}

/** @param now epoch milliseconds */
export function createStatusRecorder(
  client: DynamoDBClient,
  tableName: string,
  now: () => number = Date.now,
): StatusRecorder {
  async function runningIn(partition: number, startedBefore: number) {
    const items = await queryAll(client, {
      TableName: tableName,
      IndexName: indexes.running,
      KeyConditionExpression: 'runningIn = :partition AND startDate < :startedBefore',
      ExpressionAttributeValues: {
        ':partition': number(partition),
        ':startedBefore': number(startedBefore),
      },
    });
    return items.flatMap(({ id, startDate }): [string, Date][] => {
      const date = toDate(startDate);
      return id?.S && date ? [[id.S, date]] : [];
    });
  }

  return {
    record({ execution, trackingId }) {
      const { executionArn } = execution;
      const attributes = Object.entries(attributesOf(execution, now()));
      if (trackingId !== undefined) attributes.push(['trackingId', text(trackingId)]);
      const given = attributes.flatMap(([name, value]) => (value ? [{ name, value }] : []));
      const absent = attributes.filter(([, value]) => !value);
      return isCarriedOut(
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: { id: { S: executionArn } },
            ConditionExpression: `${isUnknown} OR ${isEarlier}`,
            UpdateExpression: [
              `SET ${given.map(({ name }) => `#${name} = :${name}`).join(', ')}`,
              `REMOVE ${absent.map(([name]) => `#${name}`).join(', ')}`,
            ].join(' '),
            // Many of the names are reserved words of DynamoDB's expressions.
            ExpressionAttributeNames: Object.fromEntries(
              ['id', ...attributes.map(([name]) => name)].map((name) => [`#${name}`, name]),
            ),
            ExpressionAttributeValues: Object.fromEntries(
              given.map(({ name, value }) => [`:${name}`, value]),
            ),
          }),
        ),
      );
    },
    async running(startedBefore) {
      const partitions = Array.from({ length: runningPartitions }, (_, partition) =>
        runningIn(partition, startedBefore),
      );
      return new Map((await Promise.all(partitions)).flat());
    },
    async forget(execution) {
      await isCarriedOut(
        client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: { id: { S: execution.executionArn } },
            ConditionExpression: isUnchanged,
            ExpressionAttributeNames: { '#rank': 'rank' },
            ExpressionAttributeValues: { ':rank': number(rankOf(execution)) },
          }),
        ),
      );
    },
  };
}
