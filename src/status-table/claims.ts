import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { SyncExecution } from '../step-functions/sync-executions.ts';
import { isCarriedOut } from './conditional-write.ts';
import { throwStatusTableError } from './errors.ts';
import { type Item, isExpired, number, text, toDate, toNumber } from './item.ts';

const isFree = 'attribute_not_exists(id) OR expiresAt <= :now';
const isOurs = 'claimId = :claimId';

/** An outcome is kept this long, by the contract of `Idempotency-Key` on the sync route. */
const keptSeconds = 24 * 60 * 60;
/** The longest Express execution, 300 s, and time to store its outcome. */
const longestMilliseconds = 330_000;

/** An `Idempotency-Key` and the request that it came with. */
export interface ClaimedKey {
  /** A hash of the key and the caller whose it is: the keys of callers are apart. */
  readonly keyHash: string;
  /** A hash of the canonical input. */
  readonly inputHash: string;
}

/**
 * How a key stands:
 * - `claimed`: ours to run the workflow for, once; settle or release it with the claim
 * - `in-use`: another request runs the workflow for it now
 * - `settled`: the workflow has run for it
 * - `unknown`: the workflow may have run for it, and must not run again
 * - `other-input`: it stands for another request
 */
export type Claim =
  | { readonly state: 'claimed'; readonly claimId: string }
  | { readonly state: 'in-use' }
  | { readonly state: 'settled'; readonly outcome: SyncExecution }
  | { readonly state: 'unknown' }
  | { readonly state: 'other-input' };

export interface Claims {
  /**
   * Claims a key, unless it is claimed. Of several concurrent claims, one succeeds.
   *
   * @throws {StatusTableError} the workflow must not be started: whether the key is ours is not known
   */
  claim(key: ClaimedKey): Promise<Claim>;
  /**
   * Keeps the outcome for repeated requests; `unknown` where the workflow may have run.
   *
   * @throws {StatusTableError} the outcome will be `unknown`
   */
  settle(key: ClaimedKey, claimId: string, outcome: SyncExecution | 'unknown'): Promise<void>;
  /**
   * Frees a key for which nothing was started.
   *
   * @throws {StatusTableError} the outcome will be `unknown`
   */
  release(key: ClaimedKey, claimId: string): Promise<void>;
}

/** @param now epoch milliseconds */
export function createClaims(
  client: DynamoDBClient,
  tableName: string,
  now: () => number = Date.now,
): Claims {
  const keyOf = ({ keyHash }: ClaimedKey) => ({ id: { S: `key#${keyHash}` } });
  const ours = (key: ClaimedKey) => ({
    TableName: tableName,
    Key: keyOf(key),
    ConditionExpression: isOurs,
  });
  const expiry = () => number(Math.ceil(now() / 1000) + keptSeconds);

  async function find(key: ClaimedKey): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: keyOf(key),
      ConsistentRead: true,
    });
    return (await client.send(command).catch(throwStatusTableError)).Item;
  }

  async function release(key: ClaimedKey, claimId: string): Promise<void> {
    const command = new DeleteItemCommand({
      ...ours(key),
      ExpressionAttributeValues: { ':claimId': { S: claimId } },
    });
    await isCarriedOut(client.send(command));
  }

  return {
    async claim(key) {
      const claimId = randomUUID();
      const command = new PutItemCommand({
        TableName: tableName,
        Item: {
          ...keyOf(key),
          claimId: { S: claimId },
          inputHash: { S: key.inputHash },
          claimedAt: number(now()),
          expiresAt: expiry(),
        },
        ConditionExpression: isFree,
        ExpressionAttributeValues: { ':now': number(Math.floor(now() / 1000)) },
      });
      try {
        if (await isCarriedOut(client.send(command))) return { state: 'claimed', claimId };
      } catch (error) {
        // It may have been written all the same, and would stand in the way of the next attempt.
        release(key, claimId).catch(() => undefined);
        throw error;
      }
      const item = await find(key);
      // The first attempt was carried out, and its response lost.
      if (item?.claimId?.S === claimId) return { state: 'claimed', claimId };
      return stateOf(item, key, now());
    },
    async settle(key, claimId, outcome) {
      const attributes = Object.entries(
        outcome === 'unknown' ? { isUnknown: { BOOL: true } } : attributesOf(outcome),
      ).flatMap(([name, value]) => (value ? [{ name, value }] : []));
      const names = attributes.map(({ name }) => `#${name} = :${name}`);
      const command = new UpdateItemCommand({
        ...ours(key),
        UpdateExpression: `SET ${[...names, 'expiresAt = :expiresAt'].join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          attributes.map(({ name }) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: {
          ...Object.fromEntries(attributes.map(({ name, value }) => [`:${name}`, value])),
          ':claimId': { S: claimId },
          ':expiresAt': expiry(),
        },
      });
      await isCarriedOut(client.send(command));
    },
    release,
  };
}

function stateOf(item: Item | undefined, { inputHash }: ClaimedKey, now: number): Claim {
  // Released or expired since the claim was refused: a repeated request will get it.
  if (!item || isExpired(item, now)) return { state: 'in-use' };
  if (item.inputHash?.S !== inputHash) return { state: 'other-input' };
  const outcome = toOutcome(item);
  if (outcome) return { state: 'settled', outcome };
  const isOver = now - (toNumber(item.claimedAt) ?? 0) > longestMilliseconds;
  return { state: item.isUnknown?.BOOL || isOver ? 'unknown' : 'in-use' };
}

function attributesOf(outcome: SyncExecution) {
  const { executionArn, status, startDate, stopDate, output, error, cause, awsRequestId } = outcome;
  return {
    executionArn: text(executionArn),
    status: text(status),
    startDate: number(startDate.getTime()),
    stopDate: number(stopDate.getTime()),
    output: text(output),
    error: text(error),
    cause: text(cause),
    awsRequestId: text(awsRequestId),
  };
}

function toOutcome(item: Item): SyncExecution | undefined {
  const executionArn = item.executionArn?.S;
  const status = item.status?.S;
  const startDate = toDate(item.startDate);
  const stopDate = toDate(item.stopDate);
  const isStatus = status === 'SUCCEEDED' || status === 'FAILED' || status === 'TIMED_OUT';
  if (!executionArn || !isStatus || !startDate || !stopDate) return undefined;
  return {
    executionArn,
    status,
    startDate,
    stopDate,
    output: item.output?.S,
    error: item.error?.S,
    cause: item.cause?.S,
    awsRequestId: item.awsRequestId?.S,
  };
}
