import type { IConstruct } from 'constructs';

/**
 * Returns the name of a resource in its stage. With `--context stage=staging`, names become
 * `staging-user-onboarding` and so on, so that an account can have several stages. The stage is a
 * prefix, since a suffix could make two names equal: the stage `express` would turn
 * `user-onboarding` into `user-onboarding-express`.
 *
 * @throws {InvalidStage}
 */
export function nameInStage(scope: IConstruct, name: string): string {
  const stage = stageOf(scope);
  return stage === undefined ? name : `${stage}-${name}`;
}

/**
 * Returns the name of a role or a policy as a construct property. These names are unique in an
 * account, across Regions. In a stage, CloudFormation generates the name, so that the stage can be
 * deployed to several Regions. Without a stage, the name is fixed, and only one Region of the
 * account can use it.
 *
 * @param property the construct's property for the name
 */
export function globalName<Property extends string>(
  scope: IConstruct,
  name: string,
  property: Property,
): { [Key in Property]?: string } {
  const named: { [Key in Property]?: string } = {};
  if (stageOf(scope) === undefined) named[property] = name;
  return named;
}

/** The stage cannot be part of a name. The message is for the operator who deploys. */
export class InvalidStage extends Error {
  override readonly name = 'InvalidStage';
}

/**
 * Returns the stage; `undefined` for the default stage.
 *
 * @throws {InvalidStage}
 */
export function stageOf(scope: IConstruct): string | undefined {
  const stage: unknown = scope.node.tryGetContext('stage');
  if (stage === undefined || stage === '') return undefined;
  if (typeof stage === 'string' && /^[a-z][a-z0-9-]{0,15}$/.test(stage)) return stage;
  throw new InvalidStage(
    'The stage is invalid: expected up to 16 lower-case letters, digits and hyphens, starting with a letter.',
  );
}
