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
    note: end ? end.error : lastStateEntered(recorded),
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

/** The service and other programs use the same SDK; only its user agent can tell who called. */
function originOf({ origin: { operation, userAgent }, name }: StartedExecution): string {
  if (userAgent.startsWith('aws-cli/')) return 'AWS CLI';
  if (userAgent.startsWith('AmazonAPIGateway')) return 'POST /new-user';
  if (name.startsWith(startedAgain)) return 'Console';
  return userAgent.includes('aws-sdk-js') ? routes[operation] : operation;
}

/** How the names begin of executions that the console starts. */
export const startedAgain = 'console-';

function lastStateEntered({ events }: RecordedExecution): string | undefined {
  const entered = events.findLast((event) => event.stateEnteredEventDetails !== undefined);
  return entered?.stateEnteredEventDetails?.name;
}
