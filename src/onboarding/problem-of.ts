import { BudgetExhausted } from '../call-budget/errors.ts';
import { invalidParametersProblem } from '../http/problem-details/http-problems.ts';
import type { Problem } from '../http/problem-details/problem.ts';
import { InvalidRequest } from '../http/validation.ts';
import { StatusTableError } from '../status-table/errors.ts';
import { InvalidCursor } from '../status-table/user-executions.ts';
import { StillRunning } from '../step-functions/cancel-execution.ts';
import { errorForLog, StepFunctionsError } from '../step-functions/errors.ts';
import { KeyInUse, KeyReused } from '../step-functions/idempotency-errors.ts';
import { InputTooLarge } from './canonical-input.ts';
import { failureProblem, statusNotYetKnownProblem } from './failure-problems.ts';
import { InvalidIdempotencyKey } from './idempotency-key.ts';
import { AmbiguousMember, InvalidMemberName } from './member-names.ts';
import {
  cancellationUnconfirmedProblem,
  executionNotFoundProblem,
  idempotencyKeyInUseProblem,
  idempotencyKeyReusedProblem,
  inputTooLargeProblem,
  invalidIdempotencyKeyProblem,
  invalidRequestProblem,
  statusTableUnavailableProblem,
} from './problems.ts';
import { onboardingRequestId } from './request.ts';

/**
 * Maps the application's errors to problems; `undefined` for other errors, which
 * `http/problem-details/error-handler.ts` maps.
 *
 * @param executionLifetime a sentence that says how long Step Functions keeps executions
 */
export function problemOf(error: unknown, executionLifetime?: string): Problem | undefined {
  if (error instanceof InvalidRequest) {
    return error.schemaId === onboardingRequestId
      ? invalidRequestProblem(error.findings)
      : invalidParametersProblem(error.findings);
  }
  if (error instanceof AmbiguousMember) {
    return invalidRequestProblem([
      { path: error.path, message: 'Must not occur in more than one spelling' },
    ]);
  }
  if (error instanceof InvalidMemberName) {
    return invalidRequestProblem([{ path: error.path, message: error.message }]);
  }
  if (error instanceof InputTooLarge) return inputTooLargeProblem();
  if (error instanceof StillRunning) return cancellationUnconfirmedProblem();
  if (error instanceof KeyInUse) return idempotencyKeyInUseProblem();
  if (error instanceof InvalidCursor) {
    const message = 'Must be `next` of the previous page, for the same trackingId';
    return invalidParametersProblem([{ path: 'cursor', message }]);
  }
  if (error instanceof StatusTableError) {
    return error.failure === 'aborted'
      ? failureProblem('aborted')
      : statusTableUnavailableProblem(errorForLog(error));
  }
  if (error instanceof KeyReused) return idempotencyKeyReusedProblem();
  if (error instanceof InvalidIdempotencyKey) return invalidIdempotencyKeyProblem();
  if (error instanceof BudgetExhausted) {
    return statusNotYetKnownProblem(error.retryAfterSeconds);
  }
  // The abort reason of `clientDisconnectSignal`.
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
