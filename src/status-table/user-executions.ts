import { hash } from 'node:crypto';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { Execution } from '../step-functions/execution.ts';
import { indexes } from './definition.ts';
import { throwStatusTableError } from './errors.ts';
import { type Item, number, toExecution } from './item.ts';

/** A page of the executions of one user, newest first, without output, error and cause. */
export interface UserExecutions {
  readonly executions: readonly Execution[];
  /** The cursor of the next page, if there is one. */
  readonly next: string | undefined;
}

/** The cursor does not come from this query. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

/**
 * Lists the executions of one user. A cursor is a position in the list of one user, and is refused
 * with another tracking id. The query always uses the tracking id of the request, so a forged cursor
 * cannot read the list of another user.
 *
 * @param trackingId 1 to 2,048 bytes of UTF-8
 * @param now epoch milliseconds
 * @throws {InvalidCursor}
 * @throws {StatusTableError}
 */
export async function listUserExecutions(
  client: DynamoDBClient,
  tableName: string,
  trackingId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
  options: { readonly now: number; readonly signal?: AbortSignal },
): Promise<UserExecutions> {
  const found: Execution[] = [];
  let start = page.cursor === undefined ? undefined : readCursor(page.cursor, trackingId);
  do {
    const command = new QueryCommand({
      TableName: tableName,
      IndexName: indexes.trackingId,
      KeyConditionExpression: 'trackingId = :trackingId',
      ExpressionAttributeValues: { ':trackingId': { S: trackingId } },
      ScanIndexForward: false,
      // One more than the page, to find out whether there is a next page.
      Limit: page.limit + 1 - found.length,
      ExclusiveStartKey: start,
    });
    const { Items = [], LastEvaluatedKey } = await client
      .send(command, { abortSignal: options.signal })
      .catch(throwStatusTableError);
    for (const item of Items) {
      const execution = toExecution(item, options.now);
      if (execution) found.push(execution);
    }
    start = LastEvaluatedKey;
  } while (start && found.length <= page.limit);
  const executions = found.slice(0, page.limit);
  const last = executions.at(-1);
  return {
    executions,
    next: last && found.length > page.limit ? cursorAfter(last, trackingId) : undefined,
  };
}

function cursorAfter({ executionArn, startDate }: Execution, trackingId: string): string {
  const position = [fingerprintOf(trackingId), startDate.getTime(), executionArn];
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

const positionSchema = z.tuple([
  z.string(),
  z.int(),
  // Must be valid as a key of the table.
  z
    .string()
    .refine((text) => text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= 2048),
]);

function readCursor(cursor: string, trackingId: string): Item {
  const { data } = positionSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!data) throw new InvalidCursor();
  const [fingerprint, startDate, executionArn] = data;
  if (fingerprint !== fingerprintOf(trackingId)) throw new InvalidCursor();
  return { id: { S: executionArn }, trackingId: { S: trackingId }, startDate: number(startDate) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fingerprintOf(trackingId: string): string {
  return hash('sha256', trackingId, 'base64url');
}
