import { z } from 'zod';
import type { UserExecutions } from '../status-table/user-executions.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { ExecutionSteps } from '../step-functions/execution-steps.ts';
import type { Step } from '../step-functions/step.ts';
import type { SyncExecution } from '../step-functions/sync-executions.ts';

export const exampleArn =
  'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:user-onboarding-user-88888-0b1f6d5e-6a52-4c1e-9a0e-3d3f0f6f2b11';
const exampleOutput = '{"userId":"user-88888","referral":{"campaign":"FRIEND","number":2025}}';

const executionArn = z.string();
export const exampleExpressArn =
  'arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:4c1e0b1f-9a0e-6a52-8e03-6f2b113d3f0f:0b1f6d5e-6a52-4c1e-9a0e-3d3f0f6f2b11';
// Leave out zod's pattern, which only repeats the format.
const date = z.iso.datetime().meta({ pattern: undefined });
const output = z.string().meta({ description: 'JSON text, as Step Functions returns it' });

/** 200 of the sync route. */
export const syncResponseSchema = z
  .object({
    status: z.literal('SUCCEEDED'),
    executionArn,
    output,
    startDate: date,
    stopDate: date,
  })
  .meta({
    id: 'SyncResponse',
    description: 'The workflow succeeded',
    examples: [
      {
        status: 'SUCCEEDED',
        executionArn: exampleExpressArn,
        output: exampleOutput,
        startDate: '2025-11-10T10:30:00.123Z',
        stopDate: '2025-11-10T10:30:01.234Z',
      },
    ],
  });

/** 202 of the async route. */
export const startedResponseSchema = z
  .object({
    message: z.literal('User onboarding started'),
    executionArn,
    trackingId: z.string().meta({ description: 'The userId as sent' }),
  })
  .meta({
    id: 'StartedResponse',
    description: 'The workflow has been started',
    examples: [
      {
        message: 'User onboarding started',
        executionArn: exampleArn,
        trackingId: 'user-88888',
      },
    ],
  });

/** 200 of the status route. */
export const statusResponseSchema = z
  .object({
    status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']),
    output: output.optional(),
    executionArn,
    startDate: date,
    stopDate: date.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
  })
  .meta({
    id: 'StatusResponse',
    description: 'The status of the execution. Members that do not apply are omitted',
    examples: [
      {
        status: 'SUCCEEDED',
        output: exampleOutput,
        executionArn: exampleArn,
        startDate: '2025-11-10T10:30:00.123Z',
        stopDate: '2025-11-10T10:30:01.234Z',
      },
    ],
  });

/** Returns the response for an execution that succeeded. Any other outcome is a problem. */
export function syncResponse(execution: SyncExecution): z.infer<typeof syncResponseSchema> {
  return {
    status: 'SUCCEEDED',
    executionArn: execution.executionArn,
    output: execution.output ?? '',
    startDate: execution.startDate.toISOString(),
    stopDate: execution.stopDate.toISOString(),
  };
}

/** Members that do not apply are `undefined`, which JSON omits. */
export function statusResponse(execution: Execution): z.infer<typeof statusResponseSchema> {
  return {
    status: execution.status,
    output: execution.output,
    executionArn: execution.executionArn,
    startDate: execution.startDate.toISOString(),
    stopDate: execution.stopDate?.toISOString(),
    error: execution.error,
    cause: execution.cause,
  };
}

const stepStatuses = ['RUNNING', 'SUCCEEDED', 'RETRYING', 'CAUGHT', 'FAILED', 'ABORTED'] as const;

const stepSchema = z.object({
  name: z.string(),
  type: z.string().meta({ description: '`Task`, `Choice`, `Map` …' }),
  status: z.enum(stepStatuses),
  enteredDate: date,
  exitedDate: date.optional(),
  attempts: z.int().min(1),
  error: z.string().optional().meta({ description: 'The error of the latest failed attempt' }),
  id: z.int().meta({ description: 'The id of the event that entered the state' }),
  within: z
    .int()
    .optional()
    .meta({ description: 'The id of the Parallel or Map that contains the state' }),
  iteration: z
    .int()
    .optional()
    .meta({ description: 'The iteration of the Map that contains the state, from 0' }),
  iterations: z.int().optional().meta({ description: 'The number of iterations of a Map' }),
});

/** 200 of the steps route. */
export const stepsResponseSchema = z
  .object({ executionArn, status: statusResponseSchema.shape.status, steps: z.array(stepSchema) })
  .meta({
    id: 'StepsResponse',
    description: 'The states of the workflow in the order in which they were entered',
    examples: [
      {
        executionArn: exampleArn,
        status: 'RUNNING',
        steps: [
          {
            name: 'SaveUser',
            type: 'Task',
            status: 'RETRYING',
            enteredDate: '2025-11-10T10:30:00.123Z',
            attempts: 2,
            error: 'DynamoDB.ThrottlingException',
            id: 4,
          },
        ],
      },
    ],
  });

export function stepResponse(step: Step): z.infer<typeof stepSchema> {
  return {
    name: step.name,
    type: step.type,
    status: step.status,
    enteredDate: step.enteredDate.toISOString(),
    exitedDate: step.exitedDate?.toISOString(),
    attempts: step.attempts,
    error: step.error,
    id: step.id,
    within: step.within?.id,
    iteration: step.iteration,
    iterations: step.iterations,
  };
}

export function stepsResponse(
  executionArn: string,
  { status, steps }: Pick<ExecutionSteps, 'status' | 'steps'>,
): z.infer<typeof stepsResponseSchema> {
  return { executionArn, status, steps: steps.map(stepResponse) };
}

/** 200 of the list route. */
export const listResponseSchema = z
  .object({
    executions: z.array(
      statusResponseSchema.pick({
        executionArn: true,
        status: true,
        startDate: true,
        stopDate: true,
      }),
    ),
    next: z.string().optional().meta({ description: 'The `cursor` of the next page' }),
  })
  .meta({
    id: 'ListResponse',
    description: 'Onboardings of the user, newest first',
    examples: [
      {
        executions: [
          {
            executionArn: exampleArn,
            status: 'SUCCEEDED',
            startDate: '2025-11-10T10:30:00.123Z',
            stopDate: '2025-11-10T10:30:01.234Z',
          },
        ],
      },
    ],
  });

export function listResponse({
  executions,
  next,
}: UserExecutions): z.infer<typeof listResponseSchema> {
  return {
    executions: executions.map(({ executionArn, status, startDate, stopDate }) => ({
      executionArn,
      status,
      startDate: startDate.toISOString(),
      stopDate: stopDate?.toISOString(),
    })),
    next,
  };
}
