import type { IConstruct } from 'constructs';

/**
 * The name of something in its stage. `--context stage=staging` names everything
 * `staging-user-onboarding` and so on, so that stages stand side by side in an account. Without it,
 * everything has the names that callers know. The stage comes first, where it cannot turn one name
 * into another: a suffix `express` would turn `user-onboarding` into `user-onboarding-express`.
 *
 * @throws {InvalidStage}
 */
export function nameInStage(scope: IConstruct, name: string): string {
  const stage = stageOf(scope);
  return stage === undefined ? name : `${stage}-${name}`;
}

/**
 * The name of a role or a policy, which is one for an account, over all its Regions. In a stage,
 * CloudFormation makes the name up, so that a stage can be deployed to several Regions. Without a
 * stage the name is fixed, and only one Region of the account can have it.
 *
 * @param property what the construct calls the name
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

/** A stage that cannot be part of a name. The message is for whoever deploys. */
export class InvalidStage extends Error {
  override readonly name = 'InvalidStage';
}

/**
 * `undefined` for the default stage.
 *
 * @throws {InvalidStage}
 */
export function stageOf(scope: IConstruct): string | undefined {
  const stage: unknown = scope.node.tryGetContext('stage');
  if (stage === undefined || stage === '') return undefined;
  if (typeof stage === 'string' && /^[a-z][a-z0-9-]{0,15}$/.test(stage)) return stage;
  throw new InvalidStage(
    'The stage is wrong: expected up to 16 lower-case letters, digits and hyphens, beginning with a letter.',
  );
}
