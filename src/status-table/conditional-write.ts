import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { throwStatusTableError } from './errors.ts';

/**
 * Returns false if the condition of the write was not met.
 *
 * @throws {StatusTableError}
 */
export async function isCarriedOut(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    return throwStatusTableError(error);
  }
}
