import type { FastifyInstance, preValidationHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { afterTurn } from '../http/large-bodies.ts';
import { countHeader, textHeader } from '../http/openapi-responses.ts';
import { addLogFields } from '../http/request-log.ts';
import type { Settings } from '../settings.ts';
import { isRunning } from '../step-functions/execution.ts';
import { keyedExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import { startProblems, statusProblems, syncProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { parsePreferWait } from './prefer-wait.ts';
import { idempotencyKeyNotSupportedProblem, workflowFailedProblem } from './problems.ts';
import { canonicalInput, normaliseMemberNames, onboardingRequestSchema } from './request.ts';
import {
  startedResponseSchema,
  statusResponse,
  statusResponseSchema,
  syncResponse,
  syncResponseSchema,
} from './responses.ts';

declare module '../http/request-log.ts' {
  interface RequestLogFields {
    executionArn?: string;
    /** Step Functions' id of the call, which AWS Support asks for. */
    awsRequestId?: string | undefined;
  }
}

/** What an access token must allow. */
const scopes = { start: 'onboarding:start', read: 'onboarding:read' };

const tags = ['User onboarding'];

const useWorkflowNames: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  afterTurn(request, done);
};

/** The three routes. */
export function registerOnboardingRoutes(
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

  app.route({
    method: 'GET',
    url: '/onboarding-status/:executionArn',
    config: {
      scope: scopes.read,
      problems: statusProblems,
      responseHeaders: {
        age: countHeader(
          'Seconds since Step Functions returned this status; while the execution runs',
        ),
        'retry-after': countHeader('Seconds after which to ask again; while the execution runs'),
        'preference-applied': textHeader(
          '`wait=N`, where the response was held for up to N seconds',
        ),
        'cache-control': textHeader('`no-store`'),
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingStatus',
      summary: 'Read the status of an onboarding',
      description:
        'Ask again after `Retry-After`, or let `Prefer: wait=N` hold the response. Only onboardings that POST /process-user-onboarding started have a status, until 90 days after their end.',
      headers: z.looseObject({
        prefer: z
          .string()
          .optional()
          .meta({
            description:
              '`wait=N` holds the response until the execution ends or N seconds pass, 60 at most (RFC 7240)',
            examples: ['wait=30'],
          }),
      }),
      params: executionArnParams,
      response: { 200: statusResponseSchema },
    },
    handler: async (request, reply) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const waitSeconds = parsePreferWait(request.headers.prefer);
      const signal = clientDisconnectSignal(reply);
      const caller = callerOf(request);
      const { execution, ageSeconds, retryAfterSeconds } =
        waitSeconds === undefined
          ? await executions.statuses.get(executionArn, signal, caller)
          : await executions.statuses.wait(executionArn, waitSeconds * 1000, signal, caller);
      // The output is personal data, which no cache may keep.
      reply.header('cache-control', 'no-store');
      if (waitSeconds !== undefined) reply.header('preference-applied', `wait=${waitSeconds}`);
      if (isRunning(execution)) {
        reply.headers({ age: ageSeconds, 'retry-after': retryAfterSeconds });
      }
      return statusResponse(execution);
    },
  });
}
