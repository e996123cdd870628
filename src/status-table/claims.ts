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

/** How long outcomes are stored, as the sync route promises for `Idempotency-Key`. */
const retentionSeconds = 24 * 60 * 60;
/** The longest Express execution, 300 s, plus time to store its outcome. */
const maxClaimMilliseconds = 330_000;

/** An `Idempotency-Key` and its request. */
export interface ClaimedKey {
  /** A hash of the key and its caller, so that each caller has its own keys. */
  readonly keyHash: string;
  /** A hash of the canonical input. */
  readonly inputHash: string;
}

/**
 * The result of claiming a key:
 * - `claimed`: this request runs the workflow, then settles or releases the key
 * - `in-use`: another request is running the workflow
 * - `settled`: the workflow has run
 * - `unknown`: the workflow may have run, and must not run again
 * - `other-input`: the key belongs to a different request
 */
export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'in-use' }
  | { readonly state: 'settled'; readonly outcome: SyncExecution }
  | { readonly state: 'unknown' }
  | { readonly state: 'other-input' };

export interface Claims {
  /**
   * Claims a key if it is free. Of several concurrent claims, exactly one succeeds.
   *
   * @param claimId names this claim when it is settled or released
   * @throws {StatusTableError} it is not known whether the key was claimed: release the claim, and
   *   start nothing
   */
  claim(key: ClaimedKey, claimId: string): Promise<Claim>;
  /**
   * Stores the outcome for repeated requests; `unknown` if the workflow may have run.
   *
   * @throws {StatusTableError} the key will become `unknown`
   */
  settle(key: ClaimedKey, claimId: string, outcome: SyncExecution | 'unknown'): Promise<void>;
  /**
   * Frees a key for which nothing was started.
   *
   * @throws {StatusTableError} the key will become `unknown`
   */
  release(key: ClaimedKey, claimId: string): Promise<void>;
}

/** @param now returns epoch milliseconds */
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
  const expiry = () => number(Math.ceil(now() / 1000) + retentionSeconds);

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
    async claim(key, claimId) {
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
      if (await isCarriedOut(client.send(command))) return { state: 'claimed' };
      const item = await find(key);
      // The first attempt succeeded, but its response was lost.
      if (item?.claimId?.S === claimId) return { state: 'claimed' };
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
  // The key was released or has expired since the claim was refused. A retry can claim it.
  if (!item || isExpired(item, now)) return { state: 'in-use' };
  if (item.inputHash?.S !== inputHash) return { state: 'other-input' };
  const outcome = toOutcome(item);
  if (outcome) return { state: 'settled', outcome };
  const isOver = now - (toNumber(item.claimedAt) ?? 0) > maxClaimMilliseconds;
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
