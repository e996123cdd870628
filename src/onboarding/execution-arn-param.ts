import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addLogFields } from '../http/log-fields.ts';
import { classifyExecutionArn, type StateMachineArn } from '../step-functions/arns.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { expressExecutionProblem, invalidExecutionArnProblem } from './problems.ts';
import { exampleArn } from './responses.ts';

/** The path parameters of every route of one execution. */
export const executionArnParams = z.object({
  executionArn: z.string().meta({
    description: 'As returned by POST /process-user-onboarding',
    examples: [exampleArn],
  }),
});

/** Other execution names in an ARN that a caller sends may be anybody's text. */
const loggableName = /:[0-9A-Za-z_-]+$/;

/**
 * The execution that a request is about, which must be one of `stateMachine`. Logs its ARN.
 *
 * @throws {Problem} it is not an ARN, or of an Express execution
 * @throws {StepFunctionsError} callers cannot see it: the same as for one that does not exist
 */
export function requestedExecutionArn(
  request: FastifyRequest<{ Params: z.infer<typeof executionArnParams> }>,
  stateMachine: StateMachineArn,
): string {
  // Copied: a cache keyed by a slice of the URL would keep the whole URL in memory.
  const executionArn = Buffer.from(request.params.executionArn).toString();
  switch (classifyExecutionArn(executionArn, stateMachine)) {
    case 'not-an-arn':
      throw invalidExecutionArnProblem(executionArn);
    case 'express':
      throw expressExecutionProblem();
    case 'foreign':
      throw new StepFunctionsError('not-found');
    case 'ours':
      if (loggableName.test(executionArn)) addLogFields(request, { executionArn });
      return executionArn;
  }
}
