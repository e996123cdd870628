import { failureOf } from '../step-functions/errors.ts';

/**
 * Why the status table could not be read or written:
 * - `throttled`: over a limit of the table's or the account's; worth another try later
 * - `unavailable`: unreachable, slow, or failing by its own fault; worth another try later
 * - `misconfigured`: no such table, not a status table, or not permitted; an operator has to act
 * - `aborted`: given up by whoever made the call
 * - `unforeseen`: none of these
 */
export type StatusTableFailure =
  | 'throttled'
  | 'unavailable'
  | 'misconfigured'
  | 'aborted'
  | 'unforeseen';

/** A call to the status table that failed; `cause` is the SDK's own error. */
export class StatusTableError extends Error {
  override readonly name = 'StatusTableError';
  readonly failure: StatusTableFailure;

  constructor(failure: StatusTableFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** Thrown with `catch` of a call to the SDK. */
export function throwStatusTableError(error: unknown): never {
  throw new StatusTableError(tableFailureOf(error), error);
}

// Names from DynamoDB's service model. Those that all of AWS shares are known to `failureOf`.
const failureByName: Readonly<Record<string, StatusTableFailure>> = {
  ProvisionedThroughputExceededException: 'throttled',
  ResourceNotFoundException: 'misconfigured',
  // The table has other keys or indexes than the definition's.
  ValidationException: 'misconfigured',
};

function tableFailureOf(error: unknown): StatusTableFailure {
  const ours = error instanceof Error ? failureByName[error.name] : undefined;
  if (ours) return ours;
  const failure = failureOf(error);
  return failure === 'throttled' ||
    failure === 'unavailable' ||
    failure === 'misconfigured' ||
    failure === 'aborted'
    ? failure
    : 'unforeseen';
}
