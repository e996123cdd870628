import { ServiceError } from './service-error.ts';

/** The Region and the account of local AWS. */
export const region = 'us-east-1';
export const accountId = '123456789012';

const prefix = `arn:aws:states:${region}:${accountId}`;

export function stateMachineArn(name: string): string {
  return `${prefix}:stateMachine:${name}`;
}

/** Returns the ARN of a Standard execution. */
export function executionArn(stateMachine: string, name: string): string {
  return `${prefix}:execution:${stateMachine}:${name}`;
}

/** Returns the ARN of an Express execution. Its name need not be unique, so the ARN has an id too. */
export function expressExecutionArn(stateMachine: string, name: string, id: string): string {
  return `${prefix}:express:${stateMachine}:${name}:${id}`;
}

/**
 * Checks that an ARN is one of Step Functions and has the right resource type. It does not check that
 * the resource exists.
 *
 * @throws {ServiceError} InvalidArn
 */
export function checkArn(arn: string, resourceType: 'stateMachine' | 'execution'): void {
  const [start, partition, service, , , type, name] = arn.split(':');
  if (start !== 'arn') throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (!partition || service !== 'states' || !type || !name) throw invalidArn(arn);
  if (type !== resourceType) {
    throw invalidArn(`Resource type not valid in this context: ${type}`);
  }
}

function invalidArn(what: string): ServiceError {
  return new ServiceError('InvalidArn', `Invalid Arn: '${what}'`);
}

/** Refuses surrogate pairs too: the API reference lists U+D800-DFFF. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\u{10000}-\u{10FFFF}\uFFFE\uFFFF]/u;

/**
 * Checks the name of a state machine or an execution.
 *
 * @throws {ServiceError} InvalidName
 */
export function checkName(name: string): void {
  if (forbidden.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}
