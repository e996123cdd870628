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

/** The service and other programs use the same SDK; only the user agent shows who called. */
function originOf({ origin: { operation, userAgent }, name }: StartedExecution): string {
  if (userAgent.startsWith('aws-cli/')) return 'AWS CLI';
  if (userAgent.startsWith('AmazonAPIGateway')) return 'POST /new-user';
  if (name.startsWith(startedAgain)) return 'Console';
  return userAgent.includes('aws-sdk-js') ? routes[operation] : operation;
}

/** How the names begin of executions that the console starts. */
export const startedAgain = 'console-';

/** `ConfirmEmail, waiting` or `SaveUser, retry 1`: the state entered last, and how it goes there. */
function progressOf({ events }: RecordedExecution): string | undefined {
  const index = events.findLastIndex((event) => event.stateEnteredEventDetails !== undefined);
  const entered = events[index];
  const name = entered?.stateEnteredEventDetails?.name;
  const since = events.slice(index).map(({ type }) => type);
  const retries = since.filter((type) => type === 'TaskScheduled').length - 1;
  const isWaiting = entered?.type === 'WaitStateEntered' || since.includes('TaskSubmitted');
  if (isWaiting) return `${name}, waiting`;
  return retries > 0 ? `${name}, retry ${retries}` : name;
}
