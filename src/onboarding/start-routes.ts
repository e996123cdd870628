import type { FastifyInstance, FastifyRequest, preValidationHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { yieldIfLarge } from '../http/large-bodies.ts';
import { addLogFields } from '../http/log-fields.ts';
import { countHeader, textHeader } from '../http/openapi/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import { idempotentExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import { scopes, tags } from './access.ts';
import { startProblems, syncProblems } from './documented-problems.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { idempotencyKeyNotSupportedProblem, workflowFailedProblem } from './problems.ts';
import { canonicalInput, normaliseMemberNames, onboardingRequestSchema } from './request.ts';
import { startedResponseSchema, syncResponse, syncResponseSchema } from './responses.ts';

const normaliseNames: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  yieldIfLarge(request, done);
};

const idempotencyKeySchema = z
  .string()
  .optional()
  .meta({
    description:
      'Starts a request once, however often it is sent with the same key. 1 to 255 characters in double quotes, or a bare token',
    examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
  });

/** Registers the routes that start an onboarding: one waits for its end, the other does not. */
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
        'idempotent-replayed': textHeader('`true`: this is the outcome of an earlier request'),
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboardingSync',
      summary: 'Onboard a user and wait for the result',
      description:
        'Runs the workflow at most once and never retries it. With an `Idempotency-Key`, you can send the request again for 24 hours: the workflow runs at most once for the key, and later requests get the same outcome, even a failure. Without a key, check whether the user exists before you repeat a request whose outcome is unknown. A service without a status table refuses keys.',
      headers: z.looseObject({ 'idempotency-key': idempotencyKeySchema }),
      body: onboardingRequestSchema,
      response: { 200: syncResponseSchema },
    },
    preValidation: normaliseNames,
    preHandler: (request, _reply, done) => yieldIfLarge(request, done),
    handler: async (request, reply) => {
      const field = request.headers['idempotency-key'];
      const { sync, idempotentSync } = executions;
      if (field !== undefined && !idempotentSync) throw idempotencyKeyNotSupportedProblem();
      const idempotencyKey = parseIdempotencyKey(field);
      const input = canonicalInput(request.body);
      const traceHeader = traceHeaderOf(request.trace?.headers ?? request.headers);
      if (idempotencyKey === undefined || !idempotentSync) {
        const signal = clientDisconnectSignal(reply);
        const execution = await sync.run(input, signal, traceHeader);
        return respond(request, execution);
      }
      const { execution, isReplay } = await idempotentSync.run({
        idempotencyKey,
        caller: request.caller,
        input,
        traceHeader,
      });
      // Set before `respond`, which throws when the workflow failed.
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
      headers: z.looseObject({
        'idempotency-key': idempotencyKeySchema,
      }),
      body: onboardingRequestSchema,
      response: { 202: startedResponseSchema },
    },
    preValidation: normaliseNames,
    preHandler: (request, _reply, done) => yieldIfLarge(request, done),
    handler: async (request, reply) => {
      const { userId } = request.body.user;
      const key = parseIdempotencyKey(request.headers['idempotency-key']);
      const { executionArn, isReplay, awsRequestId } = await executions.start({
        name:
          key === undefined
            ? uniqueExecutionName(userId)
            : idempotentExecutionName(key, request.caller),
        isUnique: key === undefined,
        input: canonicalInput(request.body),
        caller: callerOf(request),
        traceHeader: traceHeaderOf(request.trace?.headers ?? request.headers),
      });
      addLogFields(request, { executionArn, awsRequestId });
      // The ARN may contain characters that a header may not.
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
