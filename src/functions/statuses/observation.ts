import type { ExecutionRecords } from '../../step-functions/execution-records.ts';
import type { Observation } from './recorder.ts';

// The most that a key of an index may have, by DynamoDB's quotas.
const keyBytes = 2048;

/** What DescribeExecution returns, as the status table takes it. */
export async function describeForTable(
  records: Pick<ExecutionRecords, 'describe'>,
  executionArn: string,
): Promise<Observation> {
  const { execution, input } = await records.describe(executionArn);
  return { execution, trackingId: trackingIdOf(input) };
}

/**
 * The id of an execution's user: `user.userId` of its input. `undefined` where the input has none
 * that an index can hold, since the no-code route validates nothing.
 */
export function trackingIdOf(input: string | null | undefined): string | undefined {
  const userId = input ? userIdOf(input) : undefined;
  if (typeof userId !== 'string' || userId === '') return undefined;
  return Buffer.byteLength(userId) <= keyBytes ? userId : undefined;
}

function userIdOf(input: string): unknown {
  try {
    return JSON.parse(input)?.user?.userId;
  } catch {
    return undefined;
  }
}
