/** `arn:<partition>:states:<region>:<account>:stateMachine:<name>`, with a version or alias perhaps. */
export interface StateMachineArn {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

const stateMachine =
  /^arn:(?<partition>aws[a-z-]*):states:(?<region>[a-z0-9-]+):(?<account>\d{12}):stateMachine:(?<name>[^:\s]{1,80})(?::[^:\s]{1,80})?$/;

/** `undefined` for anything that is not a state machine's ARN, in any of AWS's partitions. */
export function parseStateMachineArn(text: string): StateMachineArn | undefined {
  const { partition, region, account, name } = stateMachine.exec(text)?.groups ?? {};
  if (!partition || !region || !account || !name) return undefined;
  return { arn: text, partition, region, account, name };
}

/** Without a version or alias, by which Step Functions lists only what was started through it. */
export function unqualifiedArn(machine: StateMachineArn): string {
  return `arn:${machine.partition}:states:${machine.region}:${machine.account}:stateMachine:${machine.name}`;
}

/** The ARN that Step Functions gives the Standard execution of that name. */
export function executionArn(machine: StateMachineArn, executionName: string): string {
  return `arn:${machine.partition}:states:${machine.region}:${machine.account}:execution:${machine.name}:${executionName}`;
}

const arn = /^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S/;
const expressExecution = /^arn:[^:]+:states:[^:]*:[^:]*:express:/;
// The characters that Step Functions refuses in a name; see "Name" of StartExecution's API reference.
const executionName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Surrogate}]{1,80}$/u;

/** What a caller's text is, as far as one can know without calling Step Functions. */
export type ExecutionArnKind = 'ours' | 'express' | 'foreign' | 'not-an-arn';

/**
 * `ours` is an ARN that an execution of this Standard state machine can have. One that could never
 * exist is `foreign`, so that no DescribeExecution is spent on it.
 */
export function classifyExecutionArn(text: string, machine: StateMachineArn): ExecutionArnKind {
  if (!arn.test(text)) return 'not-an-arn';
  const prefix = executionArn(machine, '');
  if (text.startsWith(prefix)) {
    return executionName.test(text.slice(prefix.length)) ? 'ours' : 'foreign';
  }
  return expressExecution.test(text) ? 'express' : 'foreign';
}
