import type { StartedExecution } from '../step-functions/execution-store.ts';
import type { RecordedExecution } from './recorder.ts';
import type { ExecutionSummary } from './view.ts';

export function summaryOf(recorded: RecordedExecution): ExecutionSummary {
  const { execution, end } = recorded;
  const { arn, name, stateMachine, startDate } = execution;
  return {
    arn,
    name,
    stateMachine: stateMachine.name,
    type: stateMachine.type,
    status: end?.status ?? 'RUNNING',
    userId: userIdOf(execution.input),
    origin: originOf(execution),
    note: end ? (end.error ?? end.cause) : progressOf(recorded),
    startDate: startDate.toISOString(),
    stopDate: end?.stopDate.toISOString(),
  };
}

function userIdOf(input: string): string | undefined {
  const { user } = Object(JSON.parse(input));
  const { userId } = Object(user);
  return typeof userId === 'string' ? userId : undefined;
}

const routes = {
  StartExecution: 'POST /process-user-onboarding',
  StartSyncExecution: 'POST /process-user-onboarding-sync',
};

/** Returns who started an execution, by its user agent. The service counts as any SDK for JavaScript. */
function originOf({ origin: { operation, userAgent }, name }: StartedExecution): string {
  if (userAgent.startsWith('aws-cli/')) return 'AWS CLI';
  if (userAgent.startsWith('AmazonAPIGateway')) return 'POST /new-user';
  if (name.startsWith(consoleNamePrefix)) return 'Console';
  return userAgent.includes('aws-sdk-js') ? routes[operation] : operation;
}

/** The prefix of the names of executions that the console starts. */
export const consoleNamePrefix = 'console-';

/** Returns the last entered state and its progress: `ConfirmEmail, waiting` or `SaveUser, retry 1`. */
function progressOf({ events }: RecordedExecution): string | undefined {
  const index = events.findLastIndex((event) => event.stateEnteredEventDetails !== undefined);
  const entered = events[index];
  const name = entered?.stateEnteredEventDetails?.name;
  const types = events.slice(index).map(({ type }) => type);
  const retries = types.filter((type) => type === 'TaskScheduled').length - 1;
  const isWaiting = entered?.type === 'WaitStateEntered' || types.includes('TaskSubmitted');
  if (isWaiting) return `${name}, waiting`;
  return retries > 0 ? `${name}, retry ${retries}` : name;
}
