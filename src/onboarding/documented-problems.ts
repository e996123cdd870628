import {
  contentTooLargeProblem,
  invalidJsonProblem,
  invalidParametersProblem,
  tooManyStreamsProblem,
  unsupportedMediaTypeProblem,
} from '../http/problem-details/http-problems.ts';
import { failureProblem } from './failure-problems.ts';
import {
  cancellationUnconfirmedProblem,
  executionEndedProblem,
  executionNotFoundProblem,
  idempotencyKeyInUseProblem,
  idempotencyKeyNotSupportedProblem,
  idempotencyKeyReusedProblem,
  inputTooLargeProblem,
  invalidExecutionArnProblem,
  invalidIdempotencyKeyProblem,
  invalidRequestProblem,
  listingNotConfiguredProblem,
  statusTableUnavailableProblem,
  workflowFailedProblem,
} from './problems.ts';
import { exampleArn, exampleExpressArn } from './responses.ts';

const bodyProblems = [
  invalidRequestProblem([{ path: 'user.email', message: 'Must be an e-mail address' }]),
  invalidJsonProblem({ line: 1, column: 2, isEnd: false }),
  contentTooLargeProblem(),
  inputTooLargeProblem(),
  unsupportedMediaTypeProblem(),
];

const stepFunctionsProblems = [
  failureProblem('misconfigured'),
  failureProblem('throttled'),
  failureProblem('unavailable'),
];

/** The problems that the sync route may return, for documentation. */
export const syncProblems = [
  ...bodyProblems,
  idempotencyKeyNotSupportedProblem(),
  invalidIdempotencyKeyProblem(),
  idempotencyKeyInUseProblem(),
  idempotencyKeyReusedProblem(),
  statusTableUnavailableProblem(),
  workflowFailedProblem({
    status: 'FAILED',
    executionArn: exampleExpressArn,
    error: 'InvalidReferralCode',
    cause: 'The referral code must be letters followed by digits, for example FRIEND2025.',
  }),
  ...stepFunctionsProblems,
  failureProblem('outcome-unknown'),
  failureProblem('capacity-exhausted'),
  failureProblem('deadline-exceeded'),
];

/** The problems that the async route may return, for documentation. */
export const startProblems = [
  ...bodyProblems,
  invalidIdempotencyKeyProblem(),
  idempotencyKeyReusedProblem(),
  ...stepFunctionsProblems,
];

/** The problems that routes of one execution may return, for documentation. */
export const executionProblems = [
  invalidExecutionArnProblem('user-88888'),
  executionNotFoundProblem(),
  ...stepFunctionsProblems,
];

/** The problems that the status route may return, for documentation. */
export const statusProblems = [...executionProblems, tooManyStreamsProblem()];

/** The problems that the cancel route may return, for documentation. */
export const cancelProblems = [
  ...executionProblems,
  invalidParametersProblem([{ path: 'reason', message: 'Must not be empty' }]),
  invalidJsonProblem({ line: 1, column: 2, isEnd: false }),
  unsupportedMediaTypeProblem(),
  contentTooLargeProblem(),
  executionEndedProblem({ status: 'SUCCEEDED', executionArn: exampleArn }),
  cancellationUnconfirmedProblem(),
];

/** The problems that the list route may return, for documentation. */
export const listProblems = [
  invalidParametersProblem([{ path: 'limit', message: 'Must be a whole number from 1 to 100' }]),
  listingNotConfiguredProblem(),
  statusTableUnavailableProblem(),
];
