import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Execution } from '../step-functions/execution.ts';
import { throwStatusTableError } from './errors.ts';
import { attributesOf, text } from './item.ts';

const isUnknown = 'attribute_not_exists(#id)';
const isEarlier = '#rank < :rank';

/** An execution, and the user whom it is for, where that is known. */
export interface Observation {
  readonly execution: Execution;
  readonly trackingId: string | undefined;
}

/**
 * Writes what has been observed of an execution, unless the table has the same state or a later
 * one. A tracking id that is not known now leaves the one that is stored.
 *
 * @param now in epoch milliseconds
 * @returns whether the table had an earlier state, or none
 * @throws {StatusTableError}
 */
export async function recordExecution(
  client: DynamoDBClient,
  tableName: string,
  { execution, trackingId }: Observation,
  now: number,
): Promise<boolean> {
  const attributes = Object.entries(attributesOf(execution, now));
  const id = text(trackingId);
  if (id) attributes.push(['trackingId', id]);
  const given = attributes.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const absent = attributes.filter(([, value]) => !value);
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: execution.executionArn } },
    ConditionExpression: `${isUnknown} OR ${isEarlier}`,
    UpdateExpression: [
      `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      `REMOVE ${absent.map(([name]) => `#${name}`).join(', ')}`,
    ].join(' '),
    // Many of the names are reserved words of DynamoDB's expressions.
    ExpressionAttributeNames: Object.fromEntries(
      ['id', ...attributes.map(([name]) => name)].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: Object.fromEntries(
      given.map(([name, value]) => [`:${name}`, value]),
    ),
  });
  try {
    await client.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    return throwStatusTableError(error);
  }
}
