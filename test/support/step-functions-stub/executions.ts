import { createQuotas, type Quota } from './quotas.ts';

/** The state machines of the stub, in the Region and account that all tests use. */
export const standardArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';
export const expressArn = `${standardArn}-express`;

/** The ARN of the Standard execution with this name. */
export function executionArnOf(name: string): string {
  return `${standardArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

export type Operation =
  | 'StartExecution'
  | 'StartSyncExecution'
  | 'DescribeExecution'
  | 'StopExecution'
  | 'GetExecutionHistory'
  | 'ListExecutions'
  | 'DescribeStateMachine';

/** The members that the service may send in the body of a call. */
export interface Members {
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly name?: string;
  readonly input?: string;
  readonly statusFilter?: string;
  readonly redriveFilter?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly includedData?: string;
  readonly includeExecutionData?: boolean;
  readonly reverseOrder?: boolean;
  readonly error?: string;
  readonly cause?: string;
}

export interface StubResponse {
  readonly status: number;
  readonly body: unknown;
}

export interface Behaviour {
  /** How long a Standard execution runs: forever by default; 0 ends it at once. */
  readonly executionMilliseconds?: number;
  /** How long an Express execution runs; 0 by default. */
  readonly syncMilliseconds?: number;
  /** Members of the result of an Express execution; by default it succeeds with its input as output. */
  readonly syncOutcome?: Readonly<Record<string, string>>;
  /** How many DescribeExecution calls after StopExecution still return `RUNNING`; none by default. */
  readonly staleDescriptions?: number;
  /** Token buckets as AWS has them; an operation without one is never throttled. */
  readonly quotas?: Partial<Record<Operation, Quota>>;
}

interface Execution {
  readonly input: string;
  readonly startDate: number;
  stop?: { readonly at: number; readonly error?: string; readonly cause?: string };
  staleDescriptions: number;
}

/** The response of Step Functions for an error. */
export function errorResponse(
  name: string,
  message = `${name} of the stub`,
  status = 400,
): StubResponse {
  return { status, body: { __type: `com.amazonaws.swf.service.v2.model#${name}`, message } };
}

/**
 * How Step Functions handles the calls of the service: names are idempotent as the API reference
 * of StartExecution says, and every execution succeeds with its input as output.
 */
export function createStepFunctions({
  executionMilliseconds = Number.POSITIVE_INFINITY,
  syncMilliseconds = 0,
  syncOutcome = {},
  staleDescriptions = 0,
  quotas = {},
}: Behaviour) {
  const executions = new Map<string, Execution>();
  const takeToken = createQuotas(quotas);
  let syncExecutions = 0;

  const isClosed = ({ startDate, stop }: Execution) =>
    stop !== undefined || Date.now() - startDate >= executionMilliseconds;
  const seconds = (milliseconds: number) => milliseconds / 1000;
  const ok = (body: unknown): StubResponse => ({ status: 200, body });

  function describe(arn: string, execution: Execution) {
    const { input, startDate } = execution;
    const members = { executionArn: arn, stateMachineArn: standardArn, input };
    const { stop } = execution;
    if (!isClosed(execution) || (stop && execution.staleDescriptions > 0)) {
      execution.staleDescriptions -= 1;
      return { ...members, status: 'RUNNING', startDate: seconds(startDate) };
    }
    if (stop) {
      const { at, error, cause } = stop;
      const ended = { status: 'ABORTED', error, cause, stopDate: seconds(at) };
      return { ...members, ...ended, startDate: seconds(startDate) };
    }
    const stopDate = seconds(startDate + executionMilliseconds);
    const ended = { status: 'SUCCEEDED', output: input, stopDate };
    return { ...members, ...ended, startDate: seconds(startDate) };
  }

  /** The history of a single state that takes as long as the execution. */
  function historyOf(execution: Execution) {
    const details = { name: 'Work' };
    const begun = [
      { type: 'ExecutionStarted' },
      { type: 'PassStateEntered', stateEnteredEventDetails: details },
    ];
    if (execution.stop) return [...begun, { type: 'ExecutionAborted' }];
    if (!isClosed(execution)) return begun;
    const exited = { type: 'PassStateExited', stateExitedEventDetails: details };
    return [...begun, exited, { type: 'ExecutionSucceeded' }];
  }

  const operations: Readonly<Record<Operation, (members: Members) => StubResponse>> = {
    StartExecution({ stateMachineArn, name = '', input = '{}' }) {
      if (stateMachineArn !== standardArn) return errorResponse('StateMachineDoesNotExist');
      const arn = executionArnOf(name);
      const existing = executions.get(arn);
      if (existing && (isClosed(existing) || existing.input !== input)) {
        return errorResponse('ExecutionAlreadyExists');
      }
      const execution = existing ?? { input, startDate: Date.now(), staleDescriptions: 0 };
      executions.set(arn, execution);
      return ok({ executionArn: arn, startDate: seconds(execution.startDate) });
    },
    StartSyncExecution({ stateMachineArn, input = '{}' }) {
      if (stateMachineArn === standardArn) return errorResponse('StateMachineTypeNotSupported');
      if (stateMachineArn !== expressArn) return errorResponse('StateMachineDoesNotExist');
      syncExecutions += 1;
      const stopDate = Date.now();
      return ok({
        executionArn: `${expressArn.replace(':stateMachine:', ':express:')}:stub:${syncExecutions}`,
        stateMachineArn,
        status: 'SUCCEEDED',
        output: input,
        ...syncOutcome,
        startDate: seconds(stopDate - syncMilliseconds),
        stopDate: seconds(stopDate),
        billingDetails: {
          billedMemoryUsedInMB: 64,
          billedDurationInMilliseconds: Math.ceil(syncMilliseconds / 100) * 100,
        },
      });
    },
    DescribeExecution({ executionArn = '' }) {
      const execution = executions.get(executionArn);
      if (!execution) return errorResponse('ExecutionDoesNotExist');
      return ok(describe(executionArn, execution));
    },
    StopExecution({ executionArn = '', error, cause }) {
      const execution = executions.get(executionArn);
      if (!execution) return errorResponse('ExecutionDoesNotExist');
      if (!isClosed(execution)) {
        execution.stop = { at: Date.now(), ...(error && { error }), ...(cause && { cause }) };
        execution.staleDescriptions = staleDescriptions;
      }
      const stopDate = execution.stop?.at ?? execution.startDate + executionMilliseconds;
      return ok({ stopDate: seconds(stopDate) });
    },
    GetExecutionHistory({ executionArn = '', reverseOrder }) {
      const execution = executions.get(executionArn);
      if (!execution) return errorResponse('ExecutionDoesNotExist');
      const events = historyOf(execution).map((event, index) => ({
        ...{ id: index + 1, previousEventId: index, timestamp: seconds(execution.startDate) },
        ...event,
      }));
      return ok({ events: reverseOrder ? events.reverse() : events });
    },
    ListExecutions({ statusFilter, redriveFilter, maxResults = 100, nextToken = '0' }) {
      const wanted = [...executions]
        .filter(([, execution]) => (statusFilter === 'RUNNING') !== isClosed(execution))
        .filter(() => redriveFilter !== 'REDRIVEN')
        .reverse();
      const end = Number(nextToken) + maxResults;
      return ok({
        executions: wanted
          .slice(Number(nextToken), end)
          .map(([arn, execution]) => describe(arn, execution)),
        ...(end < wanted.length ? { nextToken: String(end) } : {}),
      });
    },
    DescribeStateMachine({ stateMachineArn }) {
      if (stateMachineArn !== standardArn && stateMachineArn !== expressArn) {
        return errorResponse('StateMachineDoesNotExist');
      }
      const type = stateMachineArn === standardArn ? 'STANDARD' : 'EXPRESS';
      return ok({ stateMachineArn, name: 'stub', type, status: 'ACTIVE', creationDate: 0 });
    },
  };

  return {
    /** The Standard executions, by ARN. */
    executions: executions as ReadonlyMap<string, { readonly input: string }>,
    /** The number of Express executions started. */
    syncExecutions: () => syncExecutions,
    /** How long the operation takes without a fault. */
    milliseconds: (operation: Operation) =>
      operation === 'StartSyncExecution' ? syncMilliseconds : 0,
    carryOut(operation: Operation, members: Members): StubResponse {
      if (!takeToken(operation)) return errorResponse('ThrottlingException', 'Rate exceeded');
      return operations[operation](members);
    },
  };
}
