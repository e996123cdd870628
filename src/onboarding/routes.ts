import type { FastifyInstance, preValidationAsyncHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { hangUpSignal } from '../http/hang-up.ts';
import { noteOutcome } from '../http/request-log.ts';
import type { Settings } from '../settings.ts';
import { classifyExecutionArn } from '../step-functions/arns.ts';
import { isRunning } from '../step-functions/execution.ts';
import { keyedExecutionName, uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import { traceHeaderOf } from '../step-functions/trace-header.ts';
import {
  problemResponses,
  startedAnswerSchema,
  statusAnswer,
  statusAnswerSchema,
  syncAnswer,
  syncAnswerSchema,
} from './answers.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { normaliseMemberNames } from './member-names.ts';
import { parsePreferWait } from './prefer-wait.ts';
import {
  executionNotFoundProblem,
  expressExecutionProblem,
  invalidExecutionArnProblem,
  workflowFailedProblem,
} from './problems.ts';
import { canonicalInput, onboardingRequestSchema } from './request.ts';

/** What an access token must allow. */
const scopes = { start: 'onboarding:start', read: 'onboarding:read' };

const tags = ['User onboarding'];

const useWorkflowNames: preValidationAsyncHookHandler = async (request) => {
  request.body = normaliseMemberNames(request.body);
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
    config: { scope: scopes.start },
    schema: {
      tags,
      summary: 'Onboard a user and wait for the result',
      body: onboardingRequestSchema,
      response: {
        200: syncAnswerSchema,
        ...problemResponses({
          400: 'The request is invalid, or the workflow failed',
          413: 'The request is too large',
          415: 'The request is not JSON',
          502: 'The outcome is unknown, or the service is misconfigured',
          503: 'Too much is under way, or Step Functions is throttled or unavailable',
          504: 'The workflow takes too long',
        }),
      },
    },
    preValidation: useWorkflowNames,
    handler: async (request, reply) => {
      const execution = await executions.sync.run(
        canonicalInput(request.body),
        hangUpSignal(reply),
        traceHeaderOf(request.headers),
      );
      const { executionArn, awsRequestId } = execution;
      noteOutcome(request, { executionArn, awsRequestId });
      if (execution.status !== 'SUCCEEDED') throw workflowFailedProblem(execution);
      return syncAnswer(execution);
    },
  });

  app.route({
    method: 'POST',
    url: '/process-user-onboarding',
    config: { scope: scopes.start },
    schema: {
      tags,
      summary: 'Start onboarding a user',
      headers: z.looseObject({
        'idempotency-key': z
          .string()
          .optional()
          .meta({
            description:
              'With the same key, the same request is started once, however often it is sent',
            examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
          }),
      }),
      body: onboardingRequestSchema,
      response: {
        202: startedAnswerSchema,
        ...problemResponses({
          400: 'The request is invalid',
          413: 'The request is too large',
          415: 'The request is not JSON',
          422: 'The Idempotency-Key came with another request before',
          502: 'The service is misconfigured',
          503: 'Step Functions is throttled or unavailable',
        }),
      },
    },
    preValidation: useWorkflowNames,
    handler: async (request, reply) => {
      const { userId } = request.body.user;
      const key = parseIdempotencyKey(request.headers['idempotency-key']);
      const { executionArn, isReplay, awsRequestId } = await executions.start({
        name:
          key === undefined ? uniqueExecutionName(userId) : keyedExecutionName(key, request.caller),
        isUnique: key === undefined,
        input: canonicalInput(request.body),
        traceHeader: traceHeaderOf(request.headers),
      });
      noteOutcome(request, { executionArn, awsRequestId });
      // Names may hold characters that a header may not.
      const location = encodeURI(`/onboarding-status/${executionArn}`);
      reply.code(202).headers({ location, 'retry-after': 1 });
      if (key !== undefined && isReplay) reply.header('idempotent-replayed', 'true');
      return { message: 'User onboarding started' as const, executionArn, trackingId: userId };
    },
  });

  app.route({
    method: 'GET',
    url: '/onboarding-status/:executionArn',
    config: { scope: scopes.read },
    schema: {
      tags,
      summary: 'How an onboarding stands',
      headers: z.looseObject({
        prefer: z.string().optional().meta({
          description:
            '`wait=N` holds the answer until the end or N seconds, 60 at most (RFC 7240)',
        }),
      }),
      params: z.object({
        executionArn: z.string().meta({ description: 'As POST /process-user-onboarding gave it' }),
      }),
      response: {
        200: statusAnswerSchema,
        ...problemResponses({
          400: 'Not an ARN',
          404: 'No such execution, or not one that can be seen here',
          502: 'The service is misconfigured',
          503: 'Step Functions is throttled or unavailable',
        }),
      },
    },
    handler: async (request, reply) => {
      // A copy, as what is remembered by it would otherwise hold the whole URL.
      const executionArn = Buffer.from(request.params.executionArn).toString();
      switch (classifyExecutionArn(executionArn, settings.standard)) {
        case 'not-an-arn':
          throw invalidExecutionArnProblem();
        case 'express':
          throw expressExecutionProblem();
        case 'foreign':
          throw executionNotFoundProblem();
        case 'ours':
          break;
      }
      noteOutcome(request, { executionArn });
      const waitSeconds = parsePreferWait(request.headers.prefer);
      const signal = hangUpSignal(reply);
      const { execution, ageSeconds, retryAfterSeconds } =
        waitSeconds === undefined
          ? await executions.statuses.get(executionArn, signal)
          : await executions.statuses.wait(executionArn, waitSeconds * 1000, signal);
      // The output is personal data, and no cache on the way should keep it.
      reply.header('cache-control', 'no-store');
      if (waitSeconds !== undefined) reply.header('preference-applied', `wait=${waitSeconds}`);
      if (isRunning(execution)) {
        reply.headers({ age: ageSeconds, 'retry-after': retryAfterSeconds });
      }
      return statusAnswer(execution);
    },
  });
}
