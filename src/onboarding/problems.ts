import { z } from 'zod';
import { internalErrorProblem } from '../http/http-problems.ts';
import { Problem, type ProblemExtras } from '../http/problem.ts';
import { type Finding, findingsSchema } from '../http/validation.ts';
import type { StepFunctionsFailure } from '../step-functions/errors.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';
import { missingMember } from './request.ts';

const invalidOnboardingRequest = {
  slug: 'invalid-onboarding-request',
  status: 400,
  title: 'Invalid onboarding request',
  members: {
    message: z.literal('Missing required user onboarding fields.'),
    errors: findingsSchema,
  },
};
const inputTooLarge = { slug: 'input-too-large', status: 413, title: 'Workflow input too large' };
const workflowFailed = {
  slug: 'workflow-failed',
  status: 400,
  title: 'Workflow failed',
  members: {
    error: z.string().optional().meta({ description: "The workflow's name for the error" }),
    cause: z.string().optional().meta({ description: "The workflow's words" }),
    executionStatus: z.enum(['FAILED', 'TIMED_OUT']),
    executionArn: z.string(),
  },
};
const invalidIdempotencyKey = {
  slug: 'invalid-idempotency-key',
  status: 400,
  title: 'Invalid idempotency key',
};
const idempotencyKeyReused = {
  slug: 'idempotency-key-reused',
  status: 422,
  title: 'Idempotency key reused',
};
const idempotencyKeyNotSupported = {
  slug: 'idempotency-key-not-supported',
  status: 400,
  title: 'Idempotency key not supported',
};
const invalidExecutionArn = {
  slug: 'invalid-execution-arn',
  status: 400,
  title: 'Invalid execution ARN',
};
const executionNotFound = {
  slug: 'execution-not-found',
  status: 404,
  title: 'Execution not found',
};
const executionEnded = {
  slug: 'execution-ended',
  status: 409,
  title: 'Execution ended',
  members: { executionStatus: z.string(), executionArn: z.string() },
};
const syncCapacityExhausted = {
  slug: 'sync-capacity-exhausted',
  status: 503,
  title: 'Too many sync executions',
};
const syncDeadlineExceeded = {
  slug: 'sync-deadline-exceeded',
  status: 504,
  title: 'The workflow takes too long',
};
const outcomeUnknown = { slug: 'outcome-unknown', status: 502, title: 'Outcome unknown' };
const throttled = {
  slug: 'step-functions-throttled',
  status: 503,
  title: 'Step Functions throttles',
};
const unavailable = {
  slug: 'step-functions-unavailable',
  status: 503,
  title: 'Step Functions is unavailable',
};
const misconfigured = {
  slug: 'step-functions-misconfigured',
  status: 502,
  title: 'Step Functions is misconfigured',
};
// Nobody receives this response; it names the outcome in the log.
const callerGone = { slug: 'caller-gone', status: 499, title: 'The caller disconnected' };

/** For an execution that nothing is known of, beyond the budget of calls. */
export function statusNotYetKnownProblem(retryAfterSeconds: number): Problem {
  return new Problem(
    throttled,
    'More is asked for than Step Functions allows calls for. Ask again later.',
    retryAfter(retryAfterSeconds),
  );
}

export function inputTooLargeProblem(): Problem {
  return new Problem(
    inputTooLarge,
    'The workflow takes at most 262,144 bytes of UTF-8. Send less metadata.',
  );
}

export function idempotencyKeyReusedProblem(): Problem {
  return new Problem(
    idempotencyKeyReused,
    'This Idempotency-Key came with another request before. Use a new key for a new request.',
  );
}

export function invalidIdempotencyKeyProblem(): Problem {
  return new Problem(
    invalidIdempotencyKey,
    'The Idempotency-Key must be 1 to 255 characters in double quotes, or a bare token, once.',
  );
}

export function idempotencyKeyNotSupportedProblem(): Problem {
  return new Problem(
    idempotencyKeyNotSupported,
    'This route has no Idempotency-Key: nothing was started. Leave the header out, or send the request to POST /process-user-onboarding, which starts it once for a key.',
  );
}

export function invalidRequestProblem(errors: readonly Finding[]): Problem {
  return new Problem(invalidOnboardingRequest, whatIsWrong(errors), {
    members: { message: 'Missing required user onboarding fields.', errors },
  });
}

function whatIsWrong(errors: readonly Finding[]): string {
  const missing = errors.filter(({ message }) => message === missingMember).length;
  if (missing === errors.length) {
    return 'Required members are missing: see errors. Add them and send the request again.';
  }
  return missing === 0
    ? 'The request has members of the wrong form: see errors. Correct them and send it again.'
    : 'Required members are missing, and others have the wrong form: see errors. Correct the request and send it again.';
}

/** @param cause for the log alone */
export function failureProblem(failure: StepFunctionsFailure, cause?: unknown): Problem {
  switch (failure) {
    case 'throttled':
      return new Problem(throttled, 'Step Functions takes no more calls now. Try again later.', {
        ...retryAfter(2),
        cause,
      });
    case 'unavailable':
      return new Problem(
        unavailable,
        'Step Functions cannot be reached now. Try again later; with an Idempotency-Key, a repeated start is safe.',
        { ...retryAfter(5), cause },
      );
    case 'misconfigured':
      return new Problem(
        misconfigured,
        'This service is not set up to do that. Its operator finds the cause in the log, by the request id.',
        { cause },
      );
    case 'not-found':
      return executionNotFoundProblem();
    case 'outcome-unknown':
      return new Problem(
        outcomeUnknown,
        'The connection to Step Functions broke off. The workflow may have run or may still do so; it is not started again. Look whether the user is there before sending this again.',
        { cause },
      );
    case 'deadline-exceeded':
      return new Problem(
        syncDeadlineExceeded,
        'The workflow did not end in time. It may still finish. For long workflows, use POST /process-user-onboarding.',
      );
    case 'capacity-exhausted':
      return new Problem(
        syncCapacityExhausted,
        'Too many workflows are being waited for. Nothing was started. Try again, or use POST /process-user-onboarding.',
        retryAfter(1),
      );
    case 'aborted':
      return new Problem(callerGone, 'The caller disconnected. The workflow may still finish.');
    case 'already-exists':
    case 'unforeseen':
      return internalErrorProblem(cause);
    default:
      return failure satisfies never;
  }
}

function retryAfter(seconds: number): ProblemExtras {
  return { headers: { 'retry-after': String(seconds) } };
}

/** For a workflow that ran and did not succeed. */
export function workflowFailedProblem(
  execution: Pick<SyncExecution, 'status' | 'executionArn' | 'error' | 'cause'>,
): Problem {
  const { status, executionArn, error, cause } = execution;
  return new Problem(
    workflowFailed,
    status === 'TIMED_OUT'
      ? 'The workflow ran out of time.'
      : 'The workflow failed. See error and cause.',
    { members: { error, cause, executionStatus: status, executionArn } },
  );
}

/** For a cancellation that came too late. */
export function executionEndedProblem({
  status,
  executionArn,
}: Pick<Execution, 'status' | 'executionArn'>): Problem {
  return new Problem(
    executionEnded,
    'The execution ended before it could be cancelled. executionStatus says how.',
    { members: { executionStatus: status, executionArn } },
  );
}

/** The same for whatever cannot be seen, so that nobody learns what exists. */
export function executionNotFoundProblem(
  lifetime = 'Executions are forgotten 90 days after their end.',
): Problem {
  return new Problem(executionNotFound, `There is no such execution. Check the ARN. ${lifetime}`);
}

export function expressExecutionProblem(): Problem {
  return new Problem(
    executionNotFound,
    'Express executions keep no status: the response of the sync route is all there is.',
  );
}

/** @param text what was sent instead; not repeated */
export function invalidExecutionArnProblem(text: string): Problem {
  const expected = 'Send the executionArn as POST /process-user-onboarding returned it';
  return new Problem(
    invalidExecutionArn,
    text.startsWith('arn:')
      ? `The ARN is incomplete. ${expected}.`
      : `This is not an ARN. ${expected}, or look the user up with GET /onboarding-status?trackingId=<userId>.`,
  );
}
