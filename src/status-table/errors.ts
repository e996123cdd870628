import { failureOf } from '../step-functions/errors.ts';

/**
 * Why a call to the status table failed, by what to do about it:
 * - `throttled`: over a limit of the table or the account; retry later
 * - `unavailable`: DynamoDB is unreachable, slow or failing; retry later
 * - `misconfigured`: no such table, not a status table, or no permission; an operator must act
 * - `aborted`: aborted by the caller
 * - `unforeseen`: anything else
 */
export type StatusTableFailure =
  | 'throttled'
  | 'unavailable'
  | 'misconfigured'
  | 'aborted'
  | 'unforeseen';

/** A call to the status table failed. `cause` is the error of the SDK. */
export class StatusTableError extends Error {
  override readonly name = 'StatusTableError';
  readonly failure: StatusTableFailure;

  constructor(failure: StatusTableFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** For `catch` on a call of the SDK: throws its error as a {@link StatusTableError}. */
export function throwStatusTableError(error: unknown): never {
  throw new StatusTableError(tableFailureOf(error), error);
}

// Error names from DynamoDB's service model. `failureOf` knows the names common to AWS services.
const failureByName: Readonly<Record<string, StatusTableFailure>> = {
  ProvisionedThroughputExceededException: 'throttled',
  ResourceNotFoundException: 'misconfigured',
  // The keys or indexes of the table differ from the definition.
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
