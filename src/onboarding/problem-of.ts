import { StatusNotYetKnown } from '../execution-statuses/errors.ts';
import { invalidParametersProblem } from '../http/http-problems.ts';
import type { Problem } from '../http/problem.ts';
import { InvalidRequest } from '../http/validation.ts';
import { errorForLog, StepFunctionsError } from '../step-functions/errors.ts';
import { NameTaken } from '../step-functions/standard-executions.ts';
import { InputTooLarge } from './canonical-input.ts';
import { InvalidIdempotencyKey } from './idempotency-key.ts';
import { AmbiguousMember, InvalidMemberName } from './member-names.ts';
import {
  executionNotFoundProblem,
  failureProblem,
  idempotencyKeyReusedProblem,
  inputTooLargeProblem,
  invalidIdempotencyKeyProblem,
  invalidRequestProblem,
  statusNotYetKnownProblem,
} from './problems.ts';
import { onboardingRequestId } from './request.ts';

/**
 * Maps this application's errors to problems, here and nowhere else. `undefined` for any other.
 *
 * @param executionLifetime how long Step Functions keeps executions, as a sentence
 */
export function problemOf(error: unknown, executionLifetime?: string): Problem | undefined {
  if (error instanceof InvalidRequest) {
    return error.schemaId === onboardingRequestId
      ? invalidRequestProblem(error.findings)
      : invalidParametersProblem(error.findings);
  }
  if (error instanceof AmbiguousMember) {
    return invalidRequestProblem([
      { path: error.path, message: 'Must not be there in more than one spelling' },
    ]);
  }
  if (error instanceof InvalidMemberName) {
    return invalidRequestProblem([{ path: error.path, message: error.message }]);
  }
  if (error instanceof InputTooLarge) return inputTooLargeProblem();
  if (error instanceof NameTaken) return idempotencyKeyReusedProblem();
  if (error instanceof InvalidIdempotencyKey) return invalidIdempotencyKeyProblem();
  if (error instanceof StatusNotYetKnown) {
    return statusNotYetKnownProblem(error.retryAfterSeconds);
  }
  // The reason of a request's signal, which fires when the connection closes.
  if (error instanceof DOMException && error.name === 'AbortError') {
    return failureProblem('aborted');
  }
  if (error instanceof StepFunctionsError) {
    return error.failure === 'not-found'
      ? executionNotFoundProblem(executionLifetime)
      : failureProblem(error.failure, errorForLog(error));
  }
  return undefined;
}
