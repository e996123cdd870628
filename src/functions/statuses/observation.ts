import type { Execution } from '../../step-functions/execution.ts';
import type { ExecutionReader } from '../../step-functions/execution-reader.ts';

/** An observed state of an execution, and the id of its user if known. */
export interface Observation {
  readonly execution: Execution;
  readonly trackingId: string | undefined;
}

// DynamoDB's limit for the partition key of an index.
const keyBytes = 2048;

/** Describes an execution, and returns what the status table stores. */
export async function describeForTable(
  executionReader: Pick<ExecutionReader, 'describe'>,
  executionArn: string,
): Promise<Observation> {
  const { execution, input } = await executionReader.describe(executionArn);
  return { execution, trackingId: trackingIdOf(input) };
}

/**
 * Returns the id of the user in the input of an execution, `user.userId`. `undefined` if the index
 * cannot store it or there is none: the no-code route validates nothing.
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
