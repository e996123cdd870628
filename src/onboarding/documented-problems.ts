import {
  contentTooLargeProblem,
  internalErrorProblem,
  invalidJsonProblem,
  unsupportedMediaTypeProblem,
} from '../http/http-problems.ts';
import {
  executionNotFoundProblem,
  failureProblem,
  idempotencyKeyReusedProblem,
  inputTooLargeProblem,
  invalidExecutionArnProblem,
  invalidIdempotencyKeyProblem,
  invalidRequestProblem,
  workflowFailedProblem,
} from './problems.ts';

const ofBody = [
  invalidRequestProblem([{ path: 'user.email', message: 'Must be an e-mail address' }]),
  invalidJsonProblem(),
  contentTooLargeProblem(),
  inputTooLargeProblem(),
  unsupportedMediaTypeProblem(),
];

const ofEveryCall = [
  failureProblem('misconfigured'),
  failureProblem('throttled'),
  failureProblem('unavailable'),
  internalErrorProblem(),
];

/** The problems that the sync route may return, for documentation. */
export const syncProblems = [
  ...ofBody,
  workflowFailedProblem({
    status: 'FAILED',
    executionArn:
      'arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:4c1e0b1f-9a0e-6a52-8e03-6f2b113d3f0f:0b1f6d5e-6a52-4c1e-9a0e-3d3f0f6f2b11',
    error: 'InvalidReferralCode',
    cause: 'The referral code must be letters followed by digits, for example FRIEND2025.',
  }),
  ...ofEveryCall,
  failureProblem('outcome-unknown'),
  failureProblem('capacity-exhausted'),
  failureProblem('deadline-exceeded'),
];

/** The problems that the async route may return, for documentation. */
export const startProblems = [
  ...ofBody,
  invalidIdempotencyKeyProblem(),
  idempotencyKeyReusedProblem(),
  ...ofEveryCall,
];

/** The problems that the status route may return, for documentation. */
export const statusProblems = [
  invalidExecutionArnProblem(),
  executionNotFoundProblem(),
  ...ofEveryCall,
];
