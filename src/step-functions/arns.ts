/** `arn:<partition>:states:<region>:<account>:stateMachine:<name>`, optionally `:<version or alias>`. */
export interface StateMachineArn {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

const stateMachine =
  /^arn:(?<partition>aws[a-z-]*):states:(?<region>[a-z0-9-]+):(?<account>\d{12}):stateMachine:(?<name>[^:\s]{1,80})(?::[^:\s]{1,80})?$/;

/** Parses the ARN of a state machine in any AWS partition; `undefined` for any other text. */
export function parseStateMachineArn(text: string): StateMachineArn | undefined {
  const { partition, region, account, name } = stateMachine.exec(text)?.groups ?? {};
  if (!partition || !region || !account || !name) return undefined;
  return { arn: text, partition, region, account, name };
}

/**
 * Returns the ARN without version or alias. With one, Step Functions lists only the executions that
 * were started through it.
 */
export function unqualifiedArn(machine: StateMachineArn): string {
  return `arn:${machine.partition}:states:${machine.region}:${machine.account}:stateMachine:${machine.name}`;
}

/** Returns the ARN of the Standard execution with that name. */
export function executionArn(machine: StateMachineArn, executionName: string): string {
  return `arn:${machine.partition}:states:${machine.region}:${machine.account}:execution:${machine.name}:${executionName}`;
}

const arn = /^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S/;
const expressExecution = /^arn:[^:]+:states:[^:]*:[^:]*:express:/;
// Excludes the characters that Step Functions refuses; see `name` in the API reference of
// StartExecution.
const executionName =
  /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Surrogate}\uFFFE\uFFFF\u{10FFFF}]{1,80}$/u;

/** What a text from a caller is, judged by its form alone. */
export type ExecutionArnKind = 'ours' | 'express' | 'foreign' | 'not-an-arn';

/**
 * Classifies a text without a call to Step Functions. `ours` is an ARN that an execution of this
 * Standard state machine can have. An ARN with an impossible execution name is `foreign`, so that no
 * DescribeExecution call is spent on it.
 */
export function classifyExecutionArn(text: string, machine: StateMachineArn): ExecutionArnKind {
  if (!arn.test(text)) return 'not-an-arn';
  const prefix = executionArn(machine, '');
  if (text.startsWith(prefix)) {
    return executionName.test(text.slice(prefix.length)) ? 'ours' : 'foreign';
  }
  return expressExecution.test(text) ? 'express' : 'foreign';
}
