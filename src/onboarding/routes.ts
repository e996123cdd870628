import type { FastifyInstance, preValidationAsyncHookHandler } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { noteOutcome } from '../http/request-log.ts';
import type { Settings } from '../settings.ts';
import { classifyExecutionArn } from '../step-functions/arns.ts';
import { isRunning } from '../step-functions/execution.ts';
import { uniqueExecutionName } from '../step-functions/execution-names.ts';
import type { Executions } from '../step-functions/executions.ts';
import {
  problemResponses,
  startedAnswerSchema,
  statusAnswer,
  statusAnswerSchema,
  syncAnswer,
  syncAnswerSchema,
} from './answers.ts';
import { normaliseMemberNames } from './member-names.ts';
import {
  executionNotFoundProblem,
  expressExecutionProblem,
  invalidExecutionArnProblem,
  workflowFailedProblem,
} from './problems.ts';
import { canonicalInput, onboardingRequestSchema } from './request.ts';

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
    handler: async (request) => {
      const execution = await executions.sync.run(canonicalInput(request.body), request.signal);
      noteOutcome(request, { executionArn: execution.executionArn });
      if (execution.status !== 'SUCCEEDED') throw workflowFailedProblem(execution);
      return syncAnswer(execution);
    },
  });

  app.route({
    method: 'POST',
    url: '/process-user-onboarding',
    schema: {
      tags,
      summary: 'Start onboarding a user',
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
      const { executionArn } = await executions.start({
        name: uniqueExecutionName(userId),
        input: canonicalInput(request.body),
      });
      noteOutcome(request, { executionArn });
      reply.code(202).headers({ location: `/onboarding-status/${executionArn}`, 'retry-after': 1 });
      return { message: 'User onboarding started' as const, executionArn, trackingId: userId };
    },
  });

  app.route({
    method: 'GET',
    url: '/onboarding-status/:executionArn',
    schema: {
      tags,
      summary: 'How an onboarding stands',
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
      const { executionArn } = request.params;
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
      const answer = await executions.statuses.get(executionArn, request.signal);
      reply.headers({ age: answer.ageSeconds });
      if (isRunning(answer.execution)) {
        reply.headers({
          'cache-control': 'no-store',
          'retry-after': answer.retryAfterSeconds ?? 1,
        });
      }
      return statusAnswer(answer.execution);
    },
  });
}
