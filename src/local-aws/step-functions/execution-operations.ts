import type {
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionOutput,
  ExecutionStatus,
  GetExecutionHistoryOutput,
  ListExecutionsOutput,
  StartExecutionOutput,
  StartSyncExecutionOutput,
  StopExecutionOutput,
  SyncExecutionStatus,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { checkArn } from './arns.ts';
import type { ExecutionEnd, StoredExecution } from './execution-store.ts';
import type { Executions } from './executions.ts';
import { withoutData } from './history.ts';
import { type Operations, operation } from './operation.ts';
import { cutPage } from './pages.ts';
import { arn, data, includedData, maxResults, name, nextToken } from './request-members.ts';
import { ServiceError, validationError } from './service-error.ts';
import type { StateMachine, StateMachines } from './state-machines.ts';

const start = z.object({
  stateMachineArn: arn,
  name: name.optional(),
  input: data.optional(),
  traceHeader: z.string().max(256).optional(),
});

const endDetails = {
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
};

const statuses = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
  'PENDING_REDRIVE',
] as const;

/** All that the Step Functions API does with executions, except redriving. */
export function executionOperations(
  executions: Executions,
  stateMachines: StateMachines,
): Operations {
  function stateMachine(stateMachineArn: string): StateMachine {
    checkArn(stateMachineArn, 'stateMachine');
    return stateMachines.get(stateMachineArn);
  }

  function execution(executionArn: string): StoredExecution {
    // Also what AWS says of an Express execution: `Resource type not valid in this context: express`.
    checkArn(executionArn, 'execution');
    return executions.get(executionArn);
  }

  return {
    StartExecution: operation(start, (request, { userAgent }) => {
      const { arn: executionArn, startDate } = executions.start({
        ...request,
        origin: { operation: 'StartExecution', userAgent },
        stateMachine: stateMachine(request.stateMachineArn),
      });
      return { executionArn, startDate } satisfies StartExecutionOutput;
    }),

    // Runs on when the caller disconnects, as on AWS: nothing here listens for that.
    StartSyncExecution: operation(start.extend({ includedData }), async (request, caller) => {
      const { started, end } = await executions.startSync({
        ...request,
        origin: { operation: 'StartSyncExecution', userAgent: caller.userAgent },
        stateMachine: stateMachine(request.stateMachineArn),
      });
      return {
        executionArn: started.arn,
        stateMachineArn: started.stateMachine.arn,
        name: started.name,
        startDate: started.startDate,
        stopDate: end.stopDate,
        status: syncStatus(end),
        error: end.error,
        cause: end.cause,
        ...executionData(started.input, end, request.includedData === 'ALL_DATA'),
        // Also where there is no output, unlike in DescribeExecution.
        outputDetails: { included: request.includedData === 'ALL_DATA' },
        traceHeader: request.traceHeader,
        billingDetails: billing(started.startDate, end.stopDate),
      } satisfies StartSyncExecutionOutput;
    }),

    DescribeExecution: operation(z.object({ executionArn: arn, includedData }), (request) => {
      const described = execution(request.executionArn);
      return {
        ...summary(described),
        error: described.end?.error,
        cause: described.end?.cause,
        ...executionData(described.input, described.end, request.includedData === 'ALL_DATA'),
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Local AWS does not redrive executions',
      } satisfies DescribeExecutionOutput;
    }),

    DescribeStateMachineForExecution: operation(
      z.object({ executionArn: arn, includedData }),
      (request) => {
        const { stateMachine } = execution(request.executionArn);
        return {
          stateMachineArn: stateMachine.arn,
          name: stateMachine.name,
          definition: stateMachine.definition,
          roleArn: stateMachine.roleArn,
          updateDate: stateMachine.creationDate,
          loggingConfiguration: { level: 'OFF', includeExecutionData: false },
          tracingConfiguration: { enabled: false },
        } satisfies DescribeStateMachineForExecutionOutput;
      },
    ),

    StopExecution: operation(
      z.object({ executionArn: arn, ...endDetails }),
      async ({ executionArn, error, cause }) => {
        const { arn: stopped } = execution(executionArn);
        return {
          stopDate: await executions.stop(stopped, error, cause),
        } satisfies StopExecutionOutput;
      },
    ),

    ListExecutions: operation(
      z.object({
        stateMachineArn: arn.optional(),
        statusFilter: z.enum(statuses).optional(),
        redriveFilter: z.enum(['REDRIVEN', 'NOT_REDRIVEN']).optional(),
        maxResults,
        nextToken,
      }),
      ({ stateMachineArn, statusFilter, redriveFilter, ...request }) => {
        if (stateMachineArn === undefined) {
          throw validationError('Local AWS has no Map Runs: give the stateMachineArn.');
        }
        const machine = stateMachine(stateMachineArn);
        if (machine.type === 'EXPRESS') {
          throw new ServiceError(
            'StateMachineTypeNotSupported',
            'This operation is not supported by this type of state machine',
          );
        }
        const listed = executions
          .newestFirst()
          .filter(
            (candidate) =>
              candidate.stateMachine.arn === machine.arn &&
              (statusFilter === undefined || statusOf(candidate) === statusFilter) &&
              redriveFilter !== 'REDRIVEN',
          );
        const page = cutPage(listed, ({ sequence }) => -sequence, {
          ...request,
          list: ['executions', machine.arn, statusFilter, redriveFilter],
        });
        return {
          executions: page.items.map(summary),
          nextToken: page.nextToken,
        } satisfies ListExecutionsOutput;
      },
    ),

    GetExecutionHistory: operation(
      z.object({
        executionArn: arn,
        reverseOrder: z.boolean().default(false),
        includeExecutionData: z.boolean().default(true),
        maxResults,
        nextToken,
      }),
      ({ executionArn, reverseOrder, includeExecutionData, ...request }) => {
        const { events } = execution(executionArn);
        if (!events) throw historyForgotten(executionArn);
        const page = cutPage(
          reverseOrder ? events.toReversed() : events,
          ({ id = 0 }) => (reverseOrder ? -id : id),
          { ...request, list: ['history', executionArn, reverseOrder] },
        );
        return {
          events: includeExecutionData ? page.items : page.items.map(withoutData),
          nextToken: page.nextToken,
        } satisfies GetExecutionHistoryOutput;
      },
    ),
  };
}

/** AWS has no such error: it forgets an execution and its history together, after 90 days. */
function historyForgotten(executionArn: string): ServiceError {
  return new ServiceError(
    'ExecutionDoesNotExist',
    `Local AWS has forgotten the history of '${executionArn}', because its memory is bounded. DescribeExecution still returns status and output.`,
  );
}

function statusOf({ end }: StoredExecution): ExecutionStatus {
  return end?.status ?? 'RUNNING';
}

function summary(execution: StoredExecution) {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachine.arn,
    name: execution.name,
    status: statusOf(execution),
    startDate: execution.startDate,
    stopDate: execution.end?.stopDate,
    redriveCount: 0,
  };
}

function executionData(input: string, end: ExecutionEnd | undefined, included: boolean) {
  const details = { included };
  return {
    inputDetails: details,
    ...(included && { input }),
    ...(end?.output !== undefined && {
      outputDetails: details,
      ...(included && { output: end.output }),
    }),
  };
}

/** An Express execution is aborted only when local AWS stops; the API has no word for that. */
function syncStatus({ status }: ExecutionEnd): SyncExecutionStatus {
  return status === 'ABORTED' ? 'FAILED' : status;
}

/** Rounded up to 100 ms, with the least memory that AWS charges. https://aws.amazon.com/step-functions/pricing/ */
function billing(startDate: Date, stopDate: Date) {
  const milliseconds = stopDate.getTime() - startDate.getTime();
  return {
    billedMemoryUsedInMB: 64,
    billedDurationInMilliseconds: Math.max(1, Math.ceil(milliseconds / 100)) * 100,
  };
}
