import createClient from 'openapi-fetch';
import { example } from './example.ts';
import type { operations, paths } from './schema.d.ts';

/** The union of the problems of an operation. */
type ProblemOf<Operation extends keyof operations> = {
  [Status in keyof operations[Operation]['responses']]: operations[Operation]['responses'][Status] extends {
    content: { 'application/problem+json': infer Body };
  }
    ? Body
    : never;
}[keyof operations[Operation]['responses']];

/** The program of a caller that has only the OpenAPI document. */
export async function onboard(baseUrl: string) {
  const client = createClient<paths>({ baseUrl });
  const { metadata } = example.user;
  const user = {
    ...example.user,
    metadata: { ...metadata, referralCode: null, plan: 'pro', seats: 3, trial: true },
  };
  const key = { header: { 'idempotency-key': '"8e03978e-40d5-43e8-bc93-6894a57f9324"' } };

  const sync = await client.POST('/process-user-onboarding-sync', { body: { user } });
  if (sync.error) throw new Error(explainSync(sync.error));

  const started = await client.POST('/process-user-onboarding', { params: key, body: { user } });
  if (started.error) throw new Error(started.error.detail);
  const { executionArn, trackingId } = started.data;

  const status = await client.GET('/onboarding-status/{executionArn}', {
    params: { path: { executionArn }, header: { prefer: 'wait=30' } },
  });
  if (status.error) throw new Error(status.error.detail);

  const reused = await client.POST('/process-user-onboarding', {
    params: key,
    body: { user: { ...user, name: 'Somebody Else' } },
  });
  const failed = await client.POST('/process-user-onboarding-sync', {
    body: { user: { ...user, metadata: { referralCode: '2025' } } },
  });
  const invalid = await client.POST('/process-user-onboarding-sync', {
    body: { user: { ...user, email: 'nobody' } },
  });
  const unknown = await client.GET('/onboarding-status/{executionArn}', {
    params: { path: { executionArn: `${executionArn}-not` } },
  });
  const live = await client.GET('/health/live');
  const metrics = await client.GET('/metrics', { parseAs: 'text' });
  return {
    sync: sync.data.status,
    trackingId,
    status: status.data.status,
    output: status.data.output,
    reused: reused.error?.type,
    failed: failed.error && explainSync(failed.error),
    invalid: invalid.error && explainSync(invalid.error),
    unknown: unknown.error?.type,
    live: live.data?.status,
    hasMetrics: metrics.data?.includes('http_request_duration_seconds'),
  };
}

/** How a caller handles each problem. Compiles only if each problem type has its own members. */
function explainSync(problem: ProblemOf<'processUserOnboardingSync'>): string {
  switch (problem.type) {
    case '/problems/workflow-failed':
      return `${problem.executionStatus} ${problem.error ?? ''}: ${problem.cause ?? ''}`;
    case '/problems/invalid-onboarding-request':
      return problem.errors.map(({ path, message }) => `${path}: ${message}`).join('\n');
    case '/problems/outcome-unknown':
    case '/problems/sync-deadline-exceeded':
      return `Look before you try again. ${problem.detail}`;
    case '/problems/sync-capacity-exhausted':
    case '/problems/step-functions-throttled':
    case '/problems/step-functions-unavailable':
    case '/problems/overloaded':
      return `Try again later. ${problem.detail}`;
    default:
      // All others, including new ones.
      return `${problem.status} ${problem.title}: ${problem.detail} (${problem.instance})`;
  }
}
