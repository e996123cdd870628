import type {
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionOutput,
  GetExecutionHistoryOutput,
  ListExecutionsOutput,
  StartExecutionOutput,
  StartSyncExecutionOutput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { checkArn } from './arns.ts';
import {
  billing,
  executionData,
  historyDropped,
  redriveStatus,
  statusOf,
  summary,
  syncStatus,
} from './execution-responses.ts';
import type { StoredExecution } from './execution-store.ts';
import type { Executions } from './executions.ts';
import { withoutData } from './history.ts';
import { type Operations, operation } from './operation.ts';
import { cutPage } from './pages.ts';
import {
  arn,
  data,
  executionsNextToken,
  includedData,
  maxResults,
  name,
  nextToken,
} from './request-members.ts';
import { typeNotSupported, validationError } from './service-error.ts';
import { describeStateMachine } from './state-machine-operations.ts';
import type { StateMachines } from './state-machines.ts';
import { registrationOf, resolve } from './versions.ts';

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

/** In the order of AWS's error message for an invalid status. */
const statuses = [
  'SUCCEEDED',
  'TIMED_OUT',
  'PENDING_REDRIVE',
  'ABORTED',
  'FAILED',
  'RUNNING',
] as const;

/** The operations of the Step Functions API on executions, except RedriveExecution. */
export function executionOperations(
  executions: Executions,
  stateMachines: StateMachines,
): Operations {
  function execution(executionArn: string): StoredExecution {
    // As on AWS, this refuses an Express execution: `Resource type not valid in this context: express`.
    checkArn(executionArn, 'execution');
    return executions.get(executionArn);
  }

  return {
    ...executions.taskOperations,

    StartExecution: operation(start, (request, { userAgent }) => {
      const { arn: executionArn, startDate } = executions.start({
        ...request,
        origin: { operation: 'StartExecution', userAgent },
        ...resolve(stateMachines, request.stateMachineArn),
      });
      return { executionArn, startDate } satisfies StartExecutionOutput;
    }),

    // As on AWS, the execution keeps running when the caller disconnects.
    StartSyncExecution: operation(start.extend({ includedData }), async (request, caller) => {
      const { started, end } = await executions.startSync({
        ...request,
        origin: { operation: 'StartSyncExecution', userAgent: caller.userAgent },
        ...resolve(stateMachines, request.stateMachineArn),
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
        // Unlike in DescribeExecution, present even without an output.
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
        ...redriveStatus(statusOf(described)),
      } satisfies DescribeExecutionOutput;
    }),

    DescribeStateMachineForExecution: operation(
      z.object({ executionArn: arn, includedData }),
      (request) => {
        const { stateMachine: ran } = execution(request.executionArn);
        return {
          stateMachineArn: ran.arn,
          updateDate: ran.updateDate,
          ...describeStateMachine(ran, request.includedData === 'ALL_DATA'),
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
        nextToken: executionsNextToken,
      }),
      ({ stateMachineArn, statusFilter, redriveFilter, ...request }) => {
        if (stateMachineArn === undefined) {
          throw validationError('Local AWS has no Map Runs. Specify stateMachineArn.');
        }
        checkArn(stateMachineArn, 'stateMachine');
        const { current } = registrationOf(stateMachines, stateMachineArn);
        if (current.type === 'EXPRESS') throw typeNotSupported();
        const listed = executions
          .newestFirst()
          .filter(
            (candidate) =>
              [candidate.stateMachine.arn, candidate.versionArn, candidate.aliasArn].includes(
                stateMachineArn,
              ) &&
              (statusFilter === undefined || statusOf(candidate) === statusFilter) &&
              redriveFilter !== 'REDRIVEN',
          );
        const page = cutPage(listed, ({ sequence }) => -sequence, {
          ...request,
          list: ['executions', stateMachineArn, statusFilter, redriveFilter],
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
        if (!events) throw historyDropped(executionArn);
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
