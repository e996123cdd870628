import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { addLogFields } from '../http/log-fields.ts';
import { textHeader } from '../http/openapi/openapi-responses.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { syncProblems } from './documented-problems.ts';
import { idempotencyKeyHeader, parseIdempotencyKey } from './idempotency-key.ts';
import { idempotencyKeyNotSupportedProblem, workflowFailedProblem } from './problems.ts';
import { canonicalInput, onboardingRequestSchema } from './request.ts';
import { onboardingRequestHooks } from './request-hooks.ts';
import { syncResponse, syncResponseSchema } from './responses.ts';

/** Registers the route that starts an onboarding and waits for its end. */
export function registerSyncRoute(
  server: FastifyInstance,
  { sync, idempotentSync }: Pick<WorkflowExecutions, 'sync' | 'idempotentSync'>,
): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/process-user-onboarding-sync',
    config: {
      scope: scopes.start,
      problems: syncProblems,
      responseHeaders: {
        'idempotent-replayed': textHeader('`true`: this is the outcome of an earlier request'),
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboardingSync',
      summary: 'Onboard a user and wait for the result',
      description:
        'Runs the workflow at most once and never retries it. With an `Idempotency-Key`, you can send the request again for 24 hours: the workflow runs at most once for the key, and later requests get the same outcome, even a failure. Without a key, check whether the user exists before you repeat a request whose outcome is unknown. A service without a status table refuses keys.',
      headers: idempotencyKeyHeader,
      body: onboardingRequestSchema,
      response: { 200: syncResponseSchema },
    },
    ...onboardingRequestHooks,
    handler: async (request, reply) => {
      const field = request.headers['idempotency-key'];
      const input = canonicalInput(request.body);
      const traceHeader = traceHeaderOf(request.trace?.headers ?? request.headers);
      if (field === undefined) {
        const signal = clientDisconnectSignal(reply);
        return respond(request, await sync.run(input, signal, traceHeader));
      }
      if (!idempotentSync) throw idempotencyKeyNotSupportedProblem();
      const { execution, isReplay } = await idempotentSync.run({
        idempotencyKey: parseIdempotencyKey(field),
        caller: request.caller,
        input,
        traceHeader,
      });
      // Set before `respond`, which throws when the workflow failed.
      if (isReplay) reply.header('idempotent-replayed', 'true');
      return respond(request, execution);
    },
  });
}

function respond(request: FastifyRequest, execution: SyncExecution) {
  const { executionArn, awsRequestId } = execution;
  addLogFields(request, { executionArn, awsRequestId });
  if (execution.status !== 'SUCCEEDED') throw workflowFailedProblem(execution);
  return syncResponse(execution);
}
