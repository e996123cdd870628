import type { FastifyInstance, FastifyRequest, preValidationHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { yieldIfLarge } from '../http/large-bodies.ts';
import { addLogFields } from '../http/log-fields.ts';
import { countHeader, textHeader } from '../http/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import { keyedExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import { scopes, tags } from './access.ts';
import { startProblems, syncProblems } from './documented-problems.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { idempotencyKeyNotSupportedProblem, workflowFailedProblem } from './problems.ts';
import { canonicalInput, normaliseMemberNames, onboardingRequestSchema } from './request.ts';
import { startedResponseSchema, syncResponse, syncResponseSchema } from './responses.ts';

const useWorkflowNames: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  yieldIfLarge(request, done);
};

const idempotencyKeySchema = z
  .string()
  .optional()
  .meta({
    description:
      'With the same key, the same request is started once, however often it is sent: 1 to 255 characters in double quotes, or a bare token',
    examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
  });

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
    config: {
      scope: scopes.start,
      problems: syncProblems,
      responseHeaders: {
        'idempotent-replayed': textHeader('`true` for the outcome of an earlier request'),
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboardingSync',
      summary: 'Onboard a user and wait for the result',
      description:
        'Run at most once, never retried. With an `Idempotency-Key`, the request can be sent again for 24 hours: the workflow runs once for the key, and its outcome is given again, a failure too. Without one, find out what became of a request whose outcome is unknown before you send it again. Where the service has no status table, a key is refused.',
      headers: z.looseObject({ 'idempotency-key': idempotencyKeySchema }),
      body: onboardingRequestSchema,
      response: { 200: syncResponseSchema },
    },
    preValidation: useWorkflowNames,
    preHandler: (request, _reply, done) => yieldIfLarge(request, done),
    handler: async (request, reply) => {
      const field = request.headers['idempotency-key'];
      const { sync, keyedSync } = executions;
      if (field !== undefined && !keyedSync) throw idempotencyKeyNotSupportedProblem();
      const idempotencyKey = parseIdempotencyKey(field);
      const input = canonicalInput(request.body);
      const traceHeader = traceHeaderOf(request.trace?.headers ?? request.headers);
      if (idempotencyKey === undefined || !keyedSync) {
        const signal = clientDisconnectSignal(reply);
        const execution = await sync.run(input, signal, traceHeader);
        return respond(request, execution);
      }
      const { execution, isReplay } = await keyedSync.run({
        idempotencyKey,
        caller: request.caller,
        input,
        traceHeader,
      });
      // Also where the outcome is a problem.
      if (isReplay) reply.header('idempotent-replayed', 'true');
      return respond(request, execution);
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
        'idempotency-key': idempotencyKeySchema,
      }),
      body: onboardingRequestSchema,
      response: { 202: startedResponseSchema },
    },
    preValidation: useWorkflowNames,
    preHandler: (request, _reply, done) => yieldIfLarge(request, done),
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

function respond(request: FastifyRequest, execution: SyncExecution) {
  const { executionArn, awsRequestId } = execution;
  addLogFields(request, { executionArn, awsRequestId });
  if (execution.status !== 'SUCCEEDED') throw workflowFailedProblem(execution);
  return syncResponse(execution);
}
