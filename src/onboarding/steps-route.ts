import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { callerOf } from '../http/caller.ts';
import { countHeader, textHeader } from '../http/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import type { Executions } from '../step-functions/executions.ts';
import { scopes, tags } from './access.ts';
import { executionProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { stepsResponse, stepsResponseSchema } from './responses.ts';

/** What an onboarding has done and is doing, state by state. */
export function registerStepsRoute(
  server: FastifyInstance,
  { steps }: Pick<Executions, 'steps'>,
  settings: Settings,
): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'GET',
    url: '/onboarding-status/:executionArn/steps',
    config: {
      scope: scopes.read,
      problems: executionProblems,
      responseHeaders: {
        age: countHeader('Seconds since the history was read'),
        'cache-control': textHeader('`no-store`'),
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingSteps',
      summary: 'Read what an onboarding has done and is doing',
      description:
        'The states of the workflow in the order in which they were entered, without input, output and causes. A state inside a Parallel or Map names it as `within`, and its `iteration`; the Map has its number of `iterations`.',
      params: executionArnParams,
      response: { 200: stepsResponseSchema },
    },
    handler: async (request, reply) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const found = await steps.get(executionArn, callerOf(request));
      reply.headers({ 'cache-control': 'no-store', age: found.ageSeconds });
      return stepsResponse(executionArn, found);
    },
  });
}
