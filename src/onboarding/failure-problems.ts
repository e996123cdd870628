import { internalErrorProblem } from '../http/problem-details/http-problems.ts';
import { Problem } from '../http/problem-details/problem.ts';
import type { StepFunctionsFailure } from '../step-functions/errors.ts';
import { executionNotFoundProblem, retryAfter } from './problems.ts';

const throttled = {
  slug: 'step-functions-throttled',
  status: 503,
  title: 'Step Functions throttles requests',
};

/** For an execution with no known status while the budget for calls to Step Functions is exhausted. */
export function statusNotYetKnownProblem(retryAfterSeconds: number): Problem {
  return new Problem(
    throttled,
    'The request needs a call to Step Functions, and the call budget is exhausted. Try again later.',
    retryAfter(retryAfterSeconds),
  );
}

/** @param cause for the log only */
export function failureProblem(failure: StepFunctionsFailure, cause?: unknown): Problem {
  switch (failure) {
    case 'throttled':
      return new Problem(throttled, 'Step Functions is throttling requests. Try again later.', {
        ...retryAfter(2),
        cause,
      });
    case 'unavailable':
      return new Problem(
        { slug: 'step-functions-unavailable', status: 503, title: 'Step Functions is unavailable' },
        'Step Functions is unavailable. Try again later; with an Idempotency-Key, a repeated start is safe.',
        { ...retryAfter(5), cause },
      );
    case 'misconfigured':
      return new Problem(
        {
          slug: 'step-functions-misconfigured',
          status: 502,
          title: 'Step Functions is misconfigured',
        },
        'This service is misconfigured. The log has the cause: give the request id to the operator.',
        { cause },
      );
    case 'not-found':
      return executionNotFoundProblem();
    case 'outcome-unknown':
      return new Problem(
        { slug: 'outcome-unknown', status: 502, title: 'Outcome unknown' },
        'The outcome of the call to Step Functions is unknown. The workflow may have run or may still run; it is not started again. Check whether the user exists before you send the request again. An Idempotency-Key keeps this outcome for 24 hours: use a new one.',
        { cause },
      );
    case 'deadline-exceeded':
      return new Problem(
        { slug: 'sync-deadline-exceeded', status: 504, title: 'The workflow takes too long' },
        'The workflow did not end in time. It may still finish. For long workflows, use POST /process-user-onboarding.',
      );
    case 'capacity-exhausted':
      return new Problem(
        { slug: 'sync-capacity-exhausted', status: 503, title: 'Too many sync executions' },
        'Too many sync requests are in flight. Nothing was started. Try again, or use POST /process-user-onboarding.',
        retryAfter(1),
      );
    case 'aborted':
      // No caller receives this problem. It names the outcome in the log.
      return new Problem(
        { slug: 'caller-gone', status: 499, title: 'The caller disconnected' },
        'The caller disconnected. The workflow may still finish.',
      );
    case 'already-exists':
    case 'unforeseen':
      return internalErrorProblem(cause);
    default:
      return failure satisfies never;
  }
}
