import {
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Clock, sleep, systemClock } from '../../clock.ts';
import { isCarriedOut } from '../../status-table/conditional-write.ts';
import { StatusTableError } from '../../status-table/errors.ts';
import { attributesOf, number, text } from '../../status-table/item.ts';
import { rankOf } from '../../status-table/rank.ts';
import type { Execution } from '../../step-functions/execution.ts';
import type { Observation } from './observation.ts';

const isUnknown = 'attribute_not_exists(#id)';
const isEarlier = '#rank < :rank';
const isUnchanged = '#rank = :rank';

/** The writes of the functions that maintain the status table. */
export interface StatusRecorder {
  /**
   * Writes an observation, unless the table has the same state or a later one. Without a tracking
   * id, keeps the stored one.
   *
   * @returns whether the table had an earlier state or none
   * @throws {StatusTableError}
   */
  record(observation: Observation): Promise<boolean>;
  /**
   * Deletes an execution that Step Functions no longer has, unless the table has a later state.
   *
   * @throws {StatusTableError}
   */
  forget(execution: Execution): Promise<void>;
}

// Three attempts in all. Without jitter, since events arrive at different times.
const retryAfterMilliseconds = [100, 400];

/** @param client makes a single attempt, because each attempt stores its own time as `changedAt` */
export function createStatusRecorder(
  client: DynamoDBClient,
  tableName: string,
  clock: Pick<Clock, 'epoch' | 'schedule'> = systemClock,
): StatusRecorder {
  async function write(command: () => UpdateItemCommand | DeleteItemCommand): Promise<boolean> {
    for (const delay of retryAfterMilliseconds) {
      try {
        return await isCarriedOut(client.send(command()));
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
      await sleep(clock, delay);
    }
    return isCarriedOut(client.send(command()));
  }

  return {
    record: (observation) => write(() => update(tableName, observation, clock.epoch())),
    async forget(execution) {
      const command = new DeleteItemCommand({
        TableName: tableName,
        Key: { id: { S: execution.executionArn } },
        ConditionExpression: isUnchanged,
        ExpressionAttributeNames: { '#rank': 'rank' },
        ExpressionAttributeValues: { ':rank': number(rankOf(execution)) },
      });
      await write(() => command);
    },
  };
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof StatusTableError &&
    (error.failure === 'throttled' || error.failure === 'unavailable')
  );
}

function update(tableName: string, { execution, trackingId }: Observation, now: number) {
  const attributes = Object.entries(attributesOf(execution, now));
  if (trackingId !== undefined) attributes.push(['trackingId', text(trackingId)]);
  const present = attributes.flatMap(([name, value]) => (value ? [{ name, value }] : []));
  const absent = attributes.filter(([, value]) => !value);
  return new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: execution.executionArn } },
    ConditionExpression: `${isUnknown} OR ${isEarlier}`,
    UpdateExpression: [
      `SET ${present.map(({ name }) => `#${name} = :${name}`).join(', ')}`,
      `REMOVE ${absent.map(([name]) => `#${name}`).join(', ')}`,
    ].join(' '),
    // Placeholders, because many of the names are reserved words in DynamoDB expressions.
    ExpressionAttributeNames: Object.fromEntries(
      ['id', ...attributes.map(([name]) => name)].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: Object.fromEntries(
      present.map(({ name, value }) => [`:${name}`, value]),
    ),
  });
}
