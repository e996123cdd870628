import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Execution, isExecutionStatus, isRunning } from '../step-functions/execution.ts';
import { changesPartition, runningPartitions } from './definition.ts';
import { rankOf } from './rank.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** As long as Step Functions itself keeps an execution that has ended. */
const keptSeconds = 90 * 24 * 60 * 60;

/**
 * What is stored of an execution, without its key and its tracking id: `undefined` where an
 * attribute must not be there. Dates are epoch milliseconds. The largest output, 256 KiB of UTF-8,
 * or cause, 32,768 characters, leaves room in the 400 KB that an item may have.
 *
 * @param now when this is written, in epoch milliseconds: an event that comes late is a change of
 *   now, not of the day when the execution ended
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
    expiresAt: runs ? undefined : number(Math.ceil(endedAt / 1000) + keptSeconds),
  };
}

/** `undefined` for an item that has expired, which DynamoDB may keep for days, or is incomplete. */
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
