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

/** Returns the last state that has not ended and its progress: `SaveUser, retry 1` or `Rest, waiting`. */
function progressOf({ history, eventsOf }: RecordedExecution): string | undefined {
  const step = history.steps.findLast(({ exitedDate }) => exitedDate === undefined);
  if (step === undefined) return undefined;
  const { name, type, attempts } = step;
  const waits = type === 'Wait' || eventsOf.get(step)?.at(-1)?.type === 'TaskSubmitted';
  if (waits) return `${name}, waiting`;
  return attempts > 1 ? `${name}, retry ${attempts - 1}` : name;
}
