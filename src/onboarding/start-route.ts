import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { callerOf } from '../http/caller.ts';
import { addLogFields } from '../http/log-fields.ts';
import { countHeader, textHeader } from '../http/openapi/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import { idempotentExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { startProblems } from './documented-problems.ts';
import { idempotencyKeyHeader, parseIdempotencyKey } from './idempotency-key.ts';
import { canonicalInput, onboardingRequestSchema } from './request.ts';
import { onboardingRequestHooks } from './request-hooks.ts';
import { startedResponseSchema } from './responses.ts';

/** Registers the route that starts an onboarding and does not wait for its end. */
export function registerStartRoute(
  server: FastifyInstance,
  executions: Pick<WorkflowExecutions, 'start'>,
  settings: Settings,
): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/process-user-onboarding',
    config: {
      scope: scopes.start,
      problems: startProblems,
      responseHeaders: {
        location: textHeader('Where to read the status'),
        'retry-after': countHeader('Seconds after which to read the status'),
        'idempotent-replayed': textHeader(
          '`true`: an earlier request with the same key started the workflow',
        ),
      },
    },
    links: {
      202: {
        readStatus: {
          operationId: 'getOnboardingStatus',
          parameters: { executionArn: '$response.body#/executionArn' },
          description: 'The status of the started onboarding',
        },
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboarding',
      summary: 'Start onboarding a user',
      description:
        'Returns as soon as the workflow has started. `Location` is the URL of its status. With an `Idempotency-Key`, a repeated request does not start the workflow again.',
      headers: idempotencyKeyHeader,
      body: onboardingRequestSchema,
      response: { 202: startedResponseSchema },
    },
    ...onboardingRequestHooks,
    handler: async (request, reply) => {
      const { userId } = request.body.user;
      const field = request.headers['idempotency-key'];
      const { executionArn, isReplay, awsRequestId } = await executions.start({
        name:
          field === undefined
            ? uniqueExecutionName(userId)
            : idempotentExecutionName(parseIdempotencyKey(field), request.caller),
        isUnique: field === undefined,
        input: canonicalInput(request.body),
        caller: callerOf(request),
        traceHeader: traceHeaderOf(request.trace?.headers ?? request.headers),
      });
      addLogFields(request, { executionArn, awsRequestId });
      // The ARN may contain characters that a header may not.
      const location = `${settings.publicUrl ?? ''}${encodeURI(`/onboarding-status/${executionArn}`)}`;
      reply.code(202).headers({ location, 'retry-after': 1 });
      if (field !== undefined && isReplay) reply.header('idempotent-replayed', 'true');
      return { message: 'User onboarding started' as const, executionArn, trackingId: userId };
    },
  });
}
