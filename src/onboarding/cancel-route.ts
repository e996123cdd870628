import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import type { Settings } from '../settings.ts';
import { isCancelled } from '../step-functions/cancel-execution.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { cancelProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { executionEndedProblem } from './problems.ts';
import { statusResponse, statusResponseSchema } from './responses.ts';

const cancellationSchema = z
  .object(
    {
      reason: z
        .string('Must be a string')
        .min(1, 'Must not be empty')
        .refine((text) => [...text].length <= 256, 'Must be at most 256 characters')
        .refine((text) => text.isWellFormed(), 'Must be well-formed Unicode')
        .optional()
        .meta({ minLength: 1, maxLength: 256 }),
    },
    'Must be a JSON object',
  )
  .nullish()
  .meta({
    id: 'Cancellation',
    description: 'The reason becomes the `cause` of the execution',
    examples: [{ reason: 'The user withdrew.' }],
  });

/** Registers the route that cancels an onboarding. */
export function registerCancelRoute(
  server: FastifyInstance,
  executions: Pick<WorkflowExecutions, 'cancel'>,
  settings: Settings,
): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/onboarding-status/:executionArn/cancel',
    config: {
      scope: scopes.cancel,
      problems: cancelProblems,
    },
    schema: {
      tags,
      operationId: 'cancelOnboarding',
      summary: 'Cancel an onboarding',
      description:
        'Stops the workflow. Completed steps are not undone: a saved user stays saved. Cancelling again returns the same response.',
      params: executionArnParams,
      body: cancellationSchema,
      response: { 200: statusResponseSchema },
    },
    handler: async (request) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const reason = request.body?.reason;
      const execution = await executions.cancel(executionArn, reason, callerOf(request));
      if (!isCancelled(execution)) throw executionEndedProblem(execution);
      return statusResponse(execution);
    },
  });
}
