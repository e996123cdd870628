import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type {
  EncryptionConfiguration,
  LoggingConfiguration,
  StateMachineType,
  TracingConfiguration,
} from '@aws-sdk/client-sfn';
import { parseDefinition, type StateMachineDefinition } from '../states-language/definition.ts';
import { checkName, stateMachineArn } from './arns.ts';
import { ServiceError } from './service-error.ts';

/** The members that an update may change and that a version keeps. */
export interface Revision {
  /** Amazon States Language, as JSON text. */
  readonly definition: string;
  readonly roleArn: string;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly encryptionConfiguration: EncryptionConfiguration;
}

/** Whether a request also publishes a version, and its description. */
export interface Publication {
  readonly publish: boolean;
  readonly versionDescription?: string | undefined;
}

export interface NewStateMachine extends Omit<Changes, 'definition' | 'roleArn'> {
  readonly definition: string;
  readonly roleArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly publication?: Publication;
  readonly tags?: ReadonlyMap<string, string> | undefined;
}

export type Changes = { readonly [Member in keyof Revision]?: Revision[Member] | undefined };

export interface StateMachine extends Revision {
  readonly arn: string;
  readonly name: string;
  readonly type: StateMachineType;
  /** Of the request that created it, for comparison with a repeated request. */
  readonly publication: Publication;
  readonly parsed: StateMachineDefinition;
  readonly creationDate: Date;
  readonly updateDate: Date;
  /** Undefined until the first update, as on AWS. */
  readonly revisionId: string | undefined;
  /** Increases with each state machine created. */
  readonly sequence: number;
}

export interface Version {
  readonly arn: string;
  readonly number: number;
  readonly description: string | undefined;
  readonly creationDate: Date;
  /** The revision that was published. */
  readonly stateMachine: StateMachine;
}

export interface Route {
  readonly stateMachineVersionArn: string;
  /** In percent. */
  readonly weight: number;
}

export interface Alias {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly routingConfiguration: readonly Route[];
  readonly creationDate: Date;
  readonly updateDate: Date;
}

/** A state machine with its tags, versions and aliases. */
export interface Registration {
  current: StateMachine;
  readonly tags: Map<string, string>;
  /** Newest first. */
  versions: readonly Version[];
  /** The number of published versions, deleted ones included, so that no number is reused. */
  published: number;
  readonly aliases: Map<string, Alias>;
}

export interface StateMachines {
  /**
   * Creates a state machine, or returns the existing one if all members are the same.
   *
   * @throws {InvalidDefinition}
   * @throws {ServiceError} InvalidName, StateMachineAlreadyExists, StateMachineLimitExceeded
   */
  create(machine: NewStateMachine): StateMachine;
  /**
   * Updates a state machine. Running executions keep the definition with which they started.
   *
   * @throws {InvalidDefinition}
   * @throws {ServiceError} StateMachineDoesNotExist
   */
  update(arn: string, changes: Changes): StateMachine;
  /** Deletes a state machine. Running executions continue. As on AWS, an unknown ARN is no error. */
  delete(arn: string): void;
  /** @throws {ServiceError} StateMachineDoesNotExist, even if the ARN is that of a version or alias */
  get(arn: string): StateMachine;
  /** @throws {ServiceError} StateMachineDoesNotExist, even if the ARN is that of a version or alias */
  registration(arn: string): Registration;
  /** Returns the state machines in the order of their creation. */
  list(): StateMachine[];
}

const defaults = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  publication: { publish: false, versionDescription: undefined },
} as const;

/** AWS allows 100,000. */
const limit = 100;

/** Keeps state machines in memory. */
export function createStateMachines(now: () => number): StateMachines {
  const registrations = new Map<string, Registration>();
  let created = 0;

  function registration(arn: string): Registration {
    const found = registrations.get(arn);
    if (found) return found;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  return {
    create({ tags, ...machine }) {
      checkName(machine.name);
      const arn = stateMachineArn(machine.name);
      const existing = registrations.get(arn)?.current;
      const wanted = withChanges({ ...machine, ...defaults }, machine);
      if (existing) {
        if (isSame(existing, wanted)) return existing;
        throw new ServiceError(
          'StateMachineAlreadyExists',
          `State Machine Already Exists: '${arn}'`,
        );
      }
      if (registrations.size >= limit) {
        throw new ServiceError(
          'StateMachineLimitExceeded',
          `State Machine Limit Exceeded: local AWS keeps at most ${limit}.`,
        );
      }
      const parsed = parseDefinition(machine.definition, machine.type);
      created += 1;
      const creationDate = new Date(now());
      const current: StateMachine = {
        ...wanted,
        arn,
        parsed,
        creationDate,
        updateDate: creationDate,
        revisionId: undefined,
        sequence: created,
      };
      registrations.set(arn, {
        current,
        tags: new Map(tags),
        versions: [],
        published: 0,
        aliases: new Map(),
      });
      return current;
    },
    update(arn, changes) {
      const found = registration(arn);
      const { current } = found;
      const changed = withChanges(current, changes);
      const { definition } = changed;
      found.current = {
        ...changed,
        parsed:
          definition === current.definition
            ? current.parsed
            : parseDefinition(definition, current.type),
        updateDate: new Date(now()),
        revisionId: isDeepStrictEqual(changed, current) ? current.revisionId : randomUUID(),
      };
      return found.current;
    },
    delete(arn) {
      registrations.delete(arn);
    },
    get: (arn) => registration(arn).current,
    registration,
    list: () => [...registrations.values()].map(({ current }) => current),
  };
}

/** Returns the base with the changes that are not undefined. */
function withChanges<Base extends Revision>(base: Base, changes: Changes): Base {
  const defined = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(defined) };
}

/** The API reference of CreateStateMachine says that the role and the tags are not compared. */
function isSame(existing: StateMachine, { roleArn, ...wanted }: Revision): boolean {
  return isDeepStrictEqual({ ...existing, ...wanted }, existing);
}
