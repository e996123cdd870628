import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { throwStatusTableError } from './errors.ts';

/**
 * False where the write's condition did not hold.
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
