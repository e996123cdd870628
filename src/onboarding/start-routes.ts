import type { FastifyInstance, preValidationHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { afterTurn } from '../http/large-bodies.ts';
import { countHeader, textHeader } from '../http/openapi-responses.ts';
import { addLogFields } from '../http/request-log.ts';
import type { Settings } from '../settings.ts';
import { keyedExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import { scopes, tags } from './access.ts';
import { startProblems, syncProblems } from './documented-problems.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { idempotencyKeyNotSupportedProblem, workflowFailedProblem } from './problems.ts';
import { canonicalInput, normaliseMemberNames, onboardingRequestSchema } from './request.ts';
import { startedResponseSchema, syncResponse, syncResponseSchema } from './responses.ts';

const useWorkflowNames: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  afterTurn(request, done);
};

/** The two ways to start an onboarding: waited for, or not. */
export function registerStartRoutes(
  server: FastifyInstance,
  executions: Executions,
  settings: Settings,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'POST',
    url: '/process-user-onboarding-sync',
    config: { scope: scopes.start, problems: syncProblems },
    schema: {
      tags,
      operationId: 'processUserOnboardingSync',
      summary: 'Onboard a user and wait for the result',
      description:
        'Run at most once, never retried. `Idempotency-Key` is refused here, so find out what became of a request whose outcome is unknown before you send it again.',
      body: onboardingRequestSchema,
      response: { 200: syncResponseSchema },
    },
    preValidation: useWorkflowNames,
    preHandler: (request, _reply, done) => afterTurn(request, done),
    handler: async (request, reply) => {
      if (request.headers['idempotency-key'] !== undefined)
        throw idempotencyKeyNotSupportedProblem();
      const execution = await executions.sync.run(
        canonicalInput(request.body),
        clientDisconnectSignal(reply),
        traceHeaderOf(request.trace?.headers ?? request.headers),
      );
      const { executionArn, awsRequestId } = execution;
      addLogFields(request, { executionArn, awsRequestId });
      if (execution.status !== 'SUCCEEDED') throw workflowFailedProblem(execution);
      return syncResponse(execution);
    },
  });

  app.route({
    method: 'POST',
    url: '/process-user-onboarding',
    config: {
      scope: scopes.start,
      problems: startProblems,
      responseHeaders: {
        location: textHeader('Where to read the status'),
        'retry-after': countHeader('Seconds after which to read it'),
        'idempotent-replayed': textHeader(
          '`true` where an earlier request is known to have started it',
        ),
      },
    },
    links: {
      202: {
        readStatus: {
          operationId: 'getOnboardingStatus',
          parameters: { executionArn: '$response.body#/executionArn' },
          description: 'The status of what was started',
        },
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboarding',
      summary: 'Start onboarding a user',
      description:
        'Returns as soon as the workflow has been started; `Location` is where to read its status. With an `Idempotency-Key`, a request that is sent again starts nothing.',
      headers: z.looseObject({
        'idempotency-key': z
          .string()
          .optional()
          .meta({
            description:
              'With the same key, the same request is started once, however often it is sent: 1 to 255 characters in double quotes, or a bare token',
            examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
          }),
      }),
      body: onboardingRequestSchema,
      response: { 202: startedResponseSchema },
    },
    preValidation: useWorkflowNames,
    preHandler: (request, _reply, done) => afterTurn(request, done),
    handler: async (request, reply) => {
      const { userId } = request.body.user;
      const key = parseIdempotencyKey(request.headers['idempotency-key']);
      const { executionArn, isReplay, awsRequestId } = await executions.start({
        name:
          key === undefined ? uniqueExecutionName(userId) : keyedExecutionName(key, request.caller),
        isUnique: key === undefined,
        input: canonicalInput(request.body),
        caller: callerOf(request),
        traceHeader: traceHeaderOf(request.trace?.headers ?? request.headers),
      });
      addLogFields(request, { executionArn, awsRequestId });
      // Names may hold characters that a header may not.
      const location = `${settings.publicUrl ?? ''}${encodeURI(`/onboarding-status/${executionArn}`)}`;
      reply.code(202).headers({ location, 'retry-after': 1 });
      if (key !== undefined && isReplay) reply.header('idempotent-replayed', 'true');
      return { message: 'User onboarding started' as const, executionArn, trackingId: userId };
    },
  });
}
