import type { StateMachineType } from '@aws-sdk/client-sfn';
import {
  InvalidDefinition,
  parseDefinition,
  type StateMachineDefinition,
} from '../states-language/definition.ts';
import { checkName, stateMachineArn } from './arns.ts';
import { ServiceError } from './service-error.ts';

export interface NewStateMachine {
  readonly name: string;
  readonly type: StateMachineType;
  /** Amazon States Language, as JSON text. */
  readonly definition: string;
  readonly roleArn: string;
}

export interface StateMachine extends NewStateMachine {
  readonly arn: string;
  readonly parsed: StateMachineDefinition;
  readonly creationDate: Date;
  /** Rises with each state machine made. */
  readonly sequence: number;
}

export interface StateMachines {
  /**
   * Idempotent: the same members again return the existing state machine.
   *
   * @throws {ServiceError} InvalidName, InvalidDefinition, StateMachineAlreadyExists,
   *   StateMachineLimitExceeded
   */
  create(machine: NewStateMachine): StateMachine;
  /**
   * Executions that run keep the definition they started with.
   *
   * @throws {ServiceError} StateMachineDoesNotExist, InvalidDefinition
   */
  update(
    arn: string,
    changes: { definition?: string | undefined; roleArn?: string | undefined },
  ): StateMachine;
  /** Executions that run go on. No error for one that does not exist, as on AWS. */
  delete(arn: string): void;
  /** @throws {ServiceError} StateMachineDoesNotExist */
  get(arn: string): StateMachine;
  /** In the order they were made. */
  list(): StateMachine[];
}

/** Keeps state machines in memory, where AWS keeps 100,000. */
export function createStateMachines(now: () => number, limit = 100): StateMachines {
  const machines = new Map<string, StateMachine>();
  let made = 0;

  function get(arn: string): StateMachine {
    const machine = machines.get(arn);
    if (machine) return machine;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  return {
    create(machine) {
      checkName(machine.name);
      const arn = stateMachineArn(machine.name);
      const existing = machines.get(arn);
      if (existing) {
        if (isSame(existing, machine)) return existing;
        throw new ServiceError(
          'StateMachineAlreadyExists',
          `State Machine Already Exists: '${arn}'`,
        );
      }
      if (machines.size >= limit) {
        throw new ServiceError(
          'StateMachineLimitExceeded',
          `State Machine Limit Exceeded: local AWS keeps ${limit}.`,
        );
      }
      made += 1;
      const created = {
        ...machine,
        arn,
        parsed: parseOrRefuse(machine.definition),
        creationDate: new Date(now()),
        sequence: made,
      };
      machines.set(arn, created);
      return created;
    },
    update(arn, { definition, roleArn }) {
      const machine = get(arn);
      const updated = {
        ...machine,
        ...(definition !== undefined && { definition, parsed: parseOrRefuse(definition) }),
        ...(roleArn !== undefined && { roleArn }),
      };
      machines.set(arn, updated);
      return updated;
    },
    delete(arn) {
      machines.delete(arn);
    },
    get,
    list: () => [...machines.values()],
  };
}

/** Another role makes no difference, by CreateStateMachine's API reference. */
function isSame(one: NewStateMachine, other: NewStateMachine): boolean {
  return one.definition === other.definition && one.type === other.type;
}

function parseOrRefuse(definition: string): StateMachineDefinition {
  try {
    return parseDefinition(definition);
  } catch (error) {
    if (error instanceof InvalidDefinition) {
      throw new ServiceError('InvalidDefinition', error.message);
    }
    // The stack has an end, and callers would repeat what ends with a 500.
    if (error instanceof RangeError) {
      throw new ServiceError('InvalidDefinition', 'The definition is nested too deeply.');
    }
    throw error;
  }
}
