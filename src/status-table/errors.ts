import { failureOf, type StepFunctionsFailure } from '../step-functions/errors.ts';

/** A call to the status table failed. `cause` is the error of the SDK. */
export class StatusTableError extends Error {
  override readonly name = 'StatusTableError';
  /** As for a `StepFunctionsError`. `misconfigured` includes a missing table or a different schema. */
  readonly failure: StepFunctionsFailure;

  constructor(failure: StepFunctionsFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

// Error names from DynamoDB's service model. `failureOf` knows the names common to AWS services.
const failureByName: Readonly<Record<string, StepFunctionsFailure>> = {
  ProvisionedThroughputExceededException: 'throttled',
  ResourceNotFoundException: 'misconfigured',
  // The keys or indexes of the table differ from the definition.
  ValidationException: 'misconfigured',
};

/** For `catch` on a call of the SDK: throws its error as a {@link StatusTableError}. */
export function throwStatusTableError(error: unknown): never {
  const known = error instanceof Error ? failureByName[error.name] : undefined;
  throw new StatusTableError(known ?? failureOf(error), error);
}
