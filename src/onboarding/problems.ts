import { z } from 'zod';
import { Problem, type ProblemExtras } from '../http/problem-details/problem.ts';
import { type Finding, findingsSchema, missingMember } from '../http/validation.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';

const invalidOnboardingRequest = {
  slug: 'invalid-onboarding-request',
  status: 400,
  title: 'Invalid onboarding request',
  members: {
    message: z.literal('Missing required user onboarding fields.'),
    errors: findingsSchema,
  },
};
const workflowFailed = {
  slug: 'workflow-failed',
  status: 400,
  title: 'Workflow failed',
  members: {
    error: z.string().optional().meta({ description: 'The error name that the workflow reports' }),
    cause: z.string().optional().meta({ description: 'The cause that the workflow reports' }),
    executionStatus: z.enum(['FAILED', 'TIMED_OUT']),
    executionArn: z.string(),
  },
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

export function inputTooLargeProblem(): Problem {
  return new Problem(
    { slug: 'input-too-large', status: 413, title: 'Workflow input too large' },
    'The input of the workflow may have at most 262,144 bytes of UTF-8. Send less metadata.',
  );
}

export function idempotencyKeyReusedProblem(): Problem {
  return new Problem(
    { slug: 'idempotency-key-reused', status: 422, title: 'Idempotency key reused' },
    'This Idempotency-Key was already used for a different request. Use a new key for a new request.',
  );
}

export function invalidIdempotencyKeyProblem(): Problem {
  return new Problem(
    { slug: 'invalid-idempotency-key', status: 400, title: 'Invalid idempotency key' },
    'The Idempotency-Key header must be 1 to 255 characters in double quotes, or a bare token. Send it once.',
  );
}

export function idempotencyKeyNotSupportedProblem(): Problem {
  return new Problem(
    { slug: 'idempotency-key-not-supported', status: 400, title: 'Idempotency key not supported' },
    'This service has no status table, which this route needs to store an Idempotency-Key. Nothing was started. Omit the header, or use POST /process-user-onboarding, which supports it without the table.',
  );
}

export function idempotencyKeyInUseProblem(): Problem {
  return new Problem(
    { slug: 'idempotency-key-in-use', status: 409, title: 'Idempotency key in use' },
    'The first request with this Idempotency-Key is still running. Send the request again later to get its outcome.',
    retryAfter(2),
  );
}

export function listingNotConfiguredProblem(): Problem {
  return new Problem(
    { slug: 'listing-not-configured', status: 501, title: 'Listing is not configured' },
    'This service has no status table, so it cannot list onboardings. Its operator can set STATUS_TABLE.',
  );
}

/** @param cause for the log only */
export function statusTableUnavailableProblem(cause?: unknown): Problem {
  return new Problem(
    { slug: 'status-table-unavailable', status: 503, title: 'The status table is unavailable' },
    'The status table is unavailable, so the request was not carried out. Try again later.',
    { ...retryAfter(2), cause },
  );
}

export function invalidRequestProblem(errors: readonly Finding[]): Problem {
  return new Problem(invalidOnboardingRequest, detailOf(errors), {
    members: { message: 'Missing required user onboarding fields.', errors },
  });
}

function detailOf(errors: readonly Finding[]): string {
  const missing = errors.filter(({ message }) => message === missingMember).length;
  if (missing === errors.length) {
    return 'Required members are missing: see errors. Add them and send the request again.';
  }
  return missing === 0
    ? 'Some members are invalid: see errors. Correct them and send the request again.'
    : 'Required members are missing and others are invalid: see errors. Correct them and send the request again.';
}

export function retryAfter(seconds: number): ProblemExtras {
  return { headers: { 'retry-after': String(seconds) } };
}

/** For a workflow that failed or timed out. */
export function workflowFailedProblem(
  execution: Pick<SyncExecution, 'status' | 'executionArn' | 'error' | 'cause'>,
): Problem {
  const { status, executionArn, error, cause } = execution;
  return new Problem(
    workflowFailed,
    status === 'TIMED_OUT'
      ? 'The workflow timed out.'
      : 'The workflow failed. See error and cause.',
    { members: { error, cause, executionStatus: status, executionArn } },
  );
}

/** For an execution that ended before it was cancelled. */
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

/** For an execution that was stopped and still seems to be running. */
export function cancellationUnconfirmedProblem(): Problem {
  return new Problem(
    { slug: 'cancellation-unconfirmed', status: 503, title: 'Cancellation not confirmed' },
    'Step Functions accepted the cancellation but does not show its effect yet. Send the same request again: the response says how the onboarding ended.',
    retryAfter(2),
  );
}

/** The same for executions that a caller must not see, so that it cannot learn whether they exist. */
export function executionNotFoundProblem(
  lifetime = 'Executions are deleted 90 days after their end.',
): Problem {
  return new Problem(executionNotFound, `There is no such execution. Check the ARN. ${lifetime}`);
}

export function expressExecutionProblem(): Problem {
  return new Problem(
    executionNotFound,
    'Express executions keep no status. Their outcome is only in the response of the sync route.',
  );
}

/** @param text the invalid ARN; the problem does not repeat it */
export function invalidExecutionArnProblem(text: string): Problem {
  const expected = 'Send the executionArn as POST /process-user-onboarding returned it';
  return new Problem(
    { slug: 'invalid-execution-arn', status: 400, title: 'Invalid execution ARN' },
    text.startsWith('arn:')
      ? `The ARN is incomplete. ${expected}.`
      : `This is not an ARN. ${expected}, or find the user's onboardings with GET /onboarding-status?trackingId=<userId>.`,
  );
}
