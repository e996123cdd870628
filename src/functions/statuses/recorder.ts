import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Clock, sleep, systemClock } from '../../clock.ts';
import { isCarriedOut } from '../../status-table/conditional-write.ts';
import { lostPartition } from '../../status-table/definition.ts';
import { StatusTableError } from '../../status-table/errors.ts';
import { attributesOf, number, text } from '../../status-table/item.ts';
import { rankOf } from '../../status-table/rank.ts';
import type { Execution } from '../../step-functions/execution.ts';
import type { Observation } from './observation.ts';

const isUnknown = 'attribute_not_exists(#id)';
const isEarlier = '#rank < :rank';
const isStillRunning = 'attribute_exists(#runningIn)';

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
   * Marks an execution as lost, unless the table knows that it was started or, if it was redriven,
   * of that redrive. Readers ignore a lost execution, and any state of it replaces the mark.
   *
   * @throws {StatusTableError}
   */
  markLost(execution: Execution): Promise<void>;
  /**
   * Deletes an execution that Step Functions no longer has, unless the table has its end.
   *
   * @throws {StatusTableError}
   */
  forget(executionArn: string): Promise<void>;
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
    record: ({ execution, trackingId }) =>
      write(() => {
        const attributes = attributesOf(execution, clock.epoch());
        // Without a tracking id, keep the stored one.
        const user = trackingId === undefined ? {} : { trackingId: text(trackingId) };
        return update(tableName, execution.executionArn, { ...attributes, ...user });
      }),
    async markLost({ executionArn, startDate, redriveCount }) {
      const started = { executionArn, startDate, redriveCount, status: 'RUNNING' } as const;
      await write(() =>
        update(tableName, executionArn, {
          ...attributesOf(started, clock.epoch()),
          status: undefined,
          // Below the rank of the start or redrive, and above every rank before it.
          rank: number(rankOf(started) - 0.25),
          runningIn: number(lostPartition),
        }),
      );
    },
    async forget(executionArn) {
      const command = new DeleteItemCommand({
        TableName: tableName,
        Key: { id: { S: executionArn } },
        ConditionExpression: isStillRunning,
        ExpressionAttributeNames: { '#runningIn': 'runningIn' },
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

function update(
  tableName: string,
  executionArn: string,
  item: Readonly<Record<string, AttributeValue | undefined>>,
) {
  const attributes = Object.entries(item);
  const present = attributes.flatMap(([name, value]) => (value ? [{ name, value }] : []));
  const absent = attributes.filter(([, value]) => !value);
  return new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: executionArn } },
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
