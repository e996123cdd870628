import { checkArn } from './arns.ts';
import { ServiceError, validationError } from './service-error.ts';
import type {
  Alias,
  Registration,
  Route,
  StateMachine,
  StateMachines,
  Version,
} from './state-machines.ts';

/** The state machine, version and alias that an ARN refers to. */
export interface Resolved {
  readonly stateMachine: StateMachine;
  readonly version: Version | undefined;
  readonly alias: Alias | undefined;
}

/**
 * Resolves the ARN of a state machine, a version (`…:7`) or an alias (`…:PROD`). For an alias, it
 * picks one of its versions at random, by weight.
 *
 * @throws {ServiceError} InvalidArn, StateMachineDoesNotExist
 */
export function resolve(stateMachines: StateMachines, arn: string): Resolved {
  checkArn(arn, 'stateMachine');
  const { unqualified, qualifier } = splitArn(arn);
  if (qualifier === undefined) {
    return { stateMachine: stateMachines.get(arn), version: undefined, alias: undefined };
  }
  const registration = stateMachines.registration(unqualified);
  const alias = registration.aliases.get(qualifier);
  const versionArn = alias ? pick(alias.routingConfiguration) : arn;
  const version = findVersion(registration, versionArn);
  if (version) return { stateMachine: version.stateMachine, version, alias };
  throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

/** Returns the registration of the state machine to which a version or alias belongs. */
export function registrationOf(stateMachines: StateMachines, arn: string): Registration {
  checkArn(arn, 'stateMachine');
  return stateMachines.registration(splitArn(arn).unqualified);
}

function findVersion({ versions }: Registration, arn: string): Version | undefined {
  return versions.find((version) => version.arn === arn);
}

/**
 * Publishes the current revision. If it is the latest version already, returns that version.
 *
 * @param revisionId must be the current revision, if given
 * @throws {ServiceError} ConflictException
 */
export function publish(
  registration: Registration,
  now: () => number,
  {
    description,
    revisionId,
  }: { description?: string | undefined; revisionId?: string | undefined },
): Version {
  const { current, versions } = registration;
  if (revisionId !== undefined && revisionId !== (current.revisionId ?? 'INITIAL')) {
    throw new ServiceError(
      'ConflictException',
      `The revision ID '${revisionId}' is not the current one of '${current.arn}'.`,
    );
  }
  const [latest] = versions;
  if (latest && latest.stateMachine.revisionId === current.revisionId) return latest;
  registration.published += 1;
  const version: Version = {
    arn: `${current.arn}:${registration.published}`,
    number: registration.published,
    description,
    creationDate: new Date(now()),
    stateMachine: current,
  };
  registration.versions = [version, ...versions];
  return version;
}

/** @throws {ServiceError} ConflictException if an alias refers to the version */
export function deleteVersion(registration: Registration, arn: string): void {
  const aliases = [...registration.aliases.values()]
    .filter(({ routingConfiguration }) =>
      routingConfiguration.some(({ stateMachineVersionArn }) => stateMachineVersionArn === arn),
    )
    .map(({ name }) => name);
  if (aliases.length > 0) {
    throw new ServiceError(
      'ConflictException',
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${aliases.join(', ')}]`,
    );
  }
  registration.versions = registration.versions.filter((version) => version.arn !== arn);
}

/**
 * Checks the routing configuration of an alias.
 *
 * @returns the registration of the state machine to which the versions belong
 * @throws {ServiceError} ValidationException, ResourceNotFound
 */
export function checkRoutes(stateMachines: StateMachines, routes: readonly Route[]): Registration {
  const arns = routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const weights = routes.map(({ weight }) => weight);
  const refuse = (what: string, received: readonly unknown[]) =>
    validationError(`Routing configuration ${what}. Received: [${received.join(', ')}]`);
  for (const arn of arns) checkArn(arn, 'stateMachine');
  if (arns.some((arn) => !/^\d+$/.test(splitArn(arn).qualifier ?? ''))) {
    throw refuse('must contain state machine version ARNs', arns);
  }
  if (new Set(arns).size < arns.length) {
    throw refuse('must contain distinct state machine version ARNs', arns);
  }
  if (new Set(arns.map((arn) => splitArn(arn).unqualified)).size > 1) {
    throw refuse('must contain versions of one state machine', arns);
  }
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw refuse('weights must equal 100', weights);
  }
  const registration = registrationOf(stateMachines, arns[0] ?? '');
  if (arns.every((arn) => findVersion(registration, arn))) return registration;
  throw resourceNotFound();
}

export function resourceNotFound(): ServiceError {
  return new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.');
}

function pick(routes: readonly Route[]): string {
  const random = Math.random();
  let below = 0;
  const picked = routes.find(({ weight }) => {
    below += weight / 100;
    return random < below;
  });
  return picked?.stateMachineVersionArn ?? '';
}

function splitArn(arn: string): { unqualified: string; qualifier: string | undefined } {
  const parts = arn.split(':');
  return { unqualified: parts.slice(0, 7).join(':'), qualifier: parts[7] };
}
