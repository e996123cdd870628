import type { FastifyInstance, preValidationHookHandler } from 'fastify';
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
  startedAnswerSchema,
  statusAnswer,
  statusAnswerSchema,
  syncAnswer,
  syncAnswerSchema,
} from './answers.ts';
import { startProblems, statusProblems, syncProblems } from './documented-problems.ts';
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

/** Names in ARNs that callers send may be anybody's text; those of our own have no other characters. */
const isLoggable = (executionArn: string) => /:[0-9A-Za-z_-]+$/.test(executionArn);

/** What an access token must allow. */
const scopes = { start: 'onboarding:start', read: 'onboarding:read' };

const tags = ['User onboarding'];

const useWorkflowNames: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  done();
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
        'Sent at most once: there is no idempotency key here, so look before you repeat a request whose outcome is unknown.',
      body: onboardingRequestSchema,
      response: { 200: syncAnswerSchema },
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
    config: {
      scope: scopes.start,
      problems: startProblems,
      answerHeaders: {
        location: 'Where to see how it stands',
        'retry-after': 'Seconds after which that is worth while',
        'idempotent-replayed': '`true` where an earlier request is known to have started it',
      },
    },
    schema: {
      tags,
      operationId: 'processUserOnboarding',
      summary: 'Start onboarding a user',
      headers: z.looseObject({
        'idempotency-key': z.string().optional().meta({
          description:
            'With the same key, the same request is started once, however often it is sent: 1 to 255 characters in double quotes, as in `"8e03978e-40d5-43e8-bc93-6894a57f9324"`, or a bare token',
        }),
      }),
      body: onboardingRequestSchema,
      response: { 202: startedAnswerSchema },
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
    config: {
      scope: scopes.read,
      problems: statusProblems,
      answerHeaders: {
        age: 'Seconds since Step Functions said so; while the execution runs',
        'retry-after': 'Seconds after which to ask again; while the execution runs',
        'preference-applied': '`wait=N`, where the answer was held for up to N seconds',
        'cache-control': '`no-store`',
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingStatus',
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
      response: { 200: statusAnswerSchema },
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
      if (isLoggable(executionArn)) noteOutcome(request, { executionArn });
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
