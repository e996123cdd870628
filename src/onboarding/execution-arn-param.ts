import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addLogFields } from '../http/log-fields.ts';
import { classifyExecutionArn, type StateMachineArn } from '../step-functions/arns.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { expressExecutionProblem, invalidExecutionArnProblem } from './problems.ts';
import { exampleArn } from './responses.ts';

/** The path parameters of the routes that refer to one execution. */
export const executionArnParams = z.object({
  executionArn: z.string().meta({
    description: 'As returned by POST /process-user-onboarding',
    examples: [exampleArn],
  }),
});

/** Only ARNs that end like this are logged: any other text from the caller could be personal data. */
const loggableName = /:[0-9A-Za-z_-]+$/;

/**
 * Returns the ARN of the execution in the path, and adds it to the request's log line.
 *
 * @param stateMachine the state machine that the execution must belong to
 * @throws {Problem} the parameter is not an ARN, or is that of an Express execution
 * @throws {StepFunctionsError} `not-found`: the execution belongs to another state machine, which
 *   the caller cannot tell from one that does not exist
 */
export function requestedExecutionArn(
  request: FastifyRequest<{ Params: z.infer<typeof executionArnParams> }>,
  stateMachine: StateMachineArn,
): string {
  // Copy the string: a cache keyed by a slice of the URL would keep the whole URL in memory.
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
