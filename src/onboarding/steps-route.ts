import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { callerOf } from '../http/caller.ts';
import { countHeader } from '../http/openapi/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { executionProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { stepsResponse, stepsResponseSchema } from './responses.ts';

/** Registers the route that returns the steps of an onboarding. */
export function registerStepsRoute(
  server: FastifyInstance,
  { steps }: Pick<WorkflowExecutions, 'steps'>,
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
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingSteps',
      summary: 'Read the steps of an onboarding',
      description:
        'Returns the states of the workflow in the order in which they were entered, without input, output and causes. For a state inside a Parallel or Map, `within` is the id of that state; inside a Map, `iteration` is its iteration. A Map has `iterations`, their number.',
      params: executionArnParams,
      response: { 200: stepsResponseSchema },
    },
    handler: async (request, reply) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const found = await steps.get(executionArn, callerOf(request));
      reply.header('age', found.ageSeconds);
      return stepsResponse(executionArn, found);
    },
  });
}
