import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Execution, isExecutionStatus, isRunning } from '../step-functions/execution.ts';
import { changesPartition, runningPartitions } from './definition.ts';
import { rankOf } from './rank.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** As long as Step Functions keeps an execution after its end. */
const retentionSeconds = 90 * 24 * 60 * 60;

/**
 * Returns the attributes of an execution without key and tracking id; `undefined` for an attribute
 * that the item must not have. Dates are epoch milliseconds. The largest output, 256 KiB of UTF-8,
 * or cause, 32,768 characters, fits in DynamoDB's limit of 400 KB for an item.
 *
 * @param now the time of the write, in epoch milliseconds, so that an event that arrives late still
 *   appears in the feed of changes
 */
export function attributesOf(execution: Execution, now: number) {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } =
    execution;
  const rank = rankOf(execution);
  const runs = isRunning(execution);
  const isChange = rank > 0;
  const endedAt = stopDate?.getTime() ?? now;
  return {
    status: text(status),
    rank: number(rank),
    startDate: number(startDate.getTime()),
    stopDate: number(stopDate?.getTime()),
    output: text(output),
    error: text(error),
    cause: text(cause),
    redriveCount: number(redriveCount),
    changedIn: isChange ? number(changesPartition(now)) : undefined,
    changedAt: isChange ? number(now) : undefined,
    runningIn: runs ? number(runningPartition(executionArn)) : undefined,
    expiresAt: runs ? undefined : number(Math.ceil(endedAt / 1000) + retentionSeconds),
  };
}

/** Returns `undefined` for an incomplete or expired item. DynamoDB may keep expired items for days. */
export function toExecution(item: Item, now: number): Execution | undefined {
  const executionArn = item.id?.S;
  const status = item.status?.S;
  const startDate = toDate(item.startDate);
  if (!executionArn || !startDate || !isExecutionStatus(status) || isExpired(item, now)) return;
  return {
    executionArn,
    status,
    startDate,
    stopDate: toDate(item.stopDate),
    output: item.output?.S,
    error: item.error?.S,
    cause: item.cause?.S,
    redriveCount: toNumber(item.redriveCount),
  };
}

export function isExpired(item: Item, now: number): boolean {
  const expiresAt = toNumber(item.expiresAt);
  return expiresAt !== undefined && expiresAt * 1000 <= now;
}

export function text(value: string | undefined): AttributeValue.SMember | undefined {
  return value === undefined ? undefined : { S: value };
}

export function number(value: number): AttributeValue.NMember;
export function number(value: number | undefined): AttributeValue.NMember | undefined;
export function number(value: number | undefined): AttributeValue.NMember | undefined {
  return value === undefined ? undefined : { N: String(value) };
}

export function toNumber(value: AttributeValue | undefined): number | undefined {
  return value?.N === undefined ? undefined : Number(value.N);
}

export function toDate(value: AttributeValue | undefined): Date | undefined {
  const milliseconds = toNumber(value);
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

function runningPartition(executionArn: string): number {
  return createHash('sha256').update(executionArn).digest().readUInt8() % runningPartitions;
}
