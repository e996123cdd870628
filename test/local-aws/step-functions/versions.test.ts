import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  type RoutingConfigurationListItem,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { definition, type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

const roleArn = 'arn:aws:iam::123456789012:role/test';
const saying = (output: string) => definition({ Say: { Type: 'Succeed', Output: output } });
const prefix = 'arn:aws:states:us-east-1:123456789012:stateMachine';

let local: LocalAwsWithClients;
let name: string;
let arn: string;
let created = 0;

beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());
beforeEach(async () => {
  created += 1;
  name = `machine-${created}`;
  arn = `${prefix}:${name}`;
  await create();
});

const create = (more = {}) =>
  local.stepFunctions.send(
    new CreateStateMachineCommand({ name, definition: saying('one'), roleArn, ...more }),
  );
const update = (more: object) =>
  local.stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn: arn, ...more }));
const publish = (more = {}) =>
  local.stepFunctions.send(
    new PublishStateMachineVersionCommand({ stateMachineArn: arn, ...more }),
  );
const describe = (stateMachineArn: string) =>
  local.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
const versions = async () => {
  const listed = await local.stepFunctions.send(
    new ListStateMachineVersionsCommand({ stateMachineArn: arn }),
  );
  return listed.stateMachineVersions?.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
};
const route = (version: number, weight = 100): RoutingConfigurationListItem => ({
  stateMachineVersionArn: `${arn}:${version}`,
  weight,
});
const alias = (routingConfiguration: RoutingConfigurationListItem[], more = {}) =>
  local.stepFunctions.send(
    new CreateStateMachineAliasCommand({ name: 'PROD', routingConfiguration, ...more }),
  );

/** Starts an execution and returns its description. */
async function run(stateMachineArn: string) {
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  return local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
}

test('a version keeps the published definition and its revision', async () => {
  expect((await describe(arn)).revisionId).toBeUndefined();
  await publish({ description: 'the first' });
  const { revisionId } = await update({ definition: saying('two') });
  await publish();
  expect(await versions()).toEqual([`${arn}:2`, `${arn}:1`]);
  expect(await describe(`${arn}:1`)).toMatchObject({
    stateMachineArn: `${arn}:1`,
    description: 'the first',
    definition: saying('one'),
  });
  expect(await describe(`${arn}:2`)).toMatchObject({ revisionId, definition: saying('two') });
  expect(await describe(arn)).toMatchObject({ stateMachineArn: arn, revisionId });
});

test('publishing the same revision twice returns the existing version', async () => {
  expect(await publish()).toEqual({ ...(await publish()), $metadata: expect.anything() });
  expect(await versions()).toEqual([`${arn}:1`]);
});

test('publishing a revision that is not the current one is refused', async () => {
  await update({ definition: saying('two') });
  await expect(publish({ revisionId: 'INITIAL' })).rejects.toMatchObject({
    name: 'ConflictException',
  });
});

test('creating or updating a state machine can publish a version', async () => {
  name = `${name}-published`;
  arn = `${prefix}:${name}`;
  expect(await create({ publish: true })).toMatchObject({ stateMachineVersionArn: `${arn}:1` });
  expect(await update({ definition: saying('two'), publish: true })).toMatchObject({
    stateMachineVersionArn: `${arn}:2`,
    revisionId: expect.any(String),
  });
  expect(await update({ publish: true })).toMatchObject({ stateMachineVersionArn: `${arn}:2` });
  await expect(update({ roleArn, versionDescription: 'no' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Version description can only be set when publish is true',
  });
});

test('the number of a deleted version is not reused', async () => {
  await publish();
  await local.stepFunctions.send(
    new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${arn}:1` }),
  );
  expect(await versions()).toEqual([]);
  expect(await publish()).toMatchObject({ stateMachineVersionArn: `${arn}:2` });
});

test('updating the ARN of a version is refused', async () => {
  await publish();
  await expect(
    local.stepFunctions.send(
      new UpdateStateMachineCommand({ stateMachineArn: `${arn}:1`, roleArn }),
    ),
  ).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${arn}:1'`,
  });
});

test('an execution of a version runs the published definition and is listed by its version', async () => {
  await publish();
  await update({ definition: saying('two') });
  expect(await run(arn)).toMatchObject({ output: '"two"', stateMachineArn: arn });
  const ofVersion = await run(`${arn}:1`);
  expect(ofVersion).toMatchObject({
    output: '"one"',
    stateMachineArn: arn,
    stateMachineVersionArn: `${arn}:1`,
  });
  const listed = await local.stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: `${arn}:1` }),
  );
  expect(listed.executions).toMatchObject([
    { executionArn: ofVersion.executionArn, stateMachineVersionArn: `${arn}:1` },
  ]);
  await expect(run(`${arn}:9`)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
});

test('an execution of an alias runs one of the alias’s versions', async () => {
  await publish();
  await update({ definition: saying('two'), publish: true });
  await alias([route(1, 0), route(2, 100)]);
  expect(await run(`${arn}:PROD`)).toMatchObject({
    output: '"two"',
    stateMachineArn: arn,
    stateMachineAliasArn: `${arn}:PROD`,
    stateMachineVersionArn: `${arn}:2`,
  });
  expect(await describe(`${arn}:PROD`)).toMatchObject({ definition: saying('two') });
  const listed = await local.stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: `${arn}:PROD` }),
  );
  expect(listed.executions).toHaveLength(1);
});

test('StartSyncExecution accepts the alias of an Express state machine', async () => {
  name = `${name}-express`;
  arn = `${prefix}:${name}`;
  await create({ type: 'EXPRESS', publish: true });
  await alias([route(1)]);
  expect(
    await local.stepFunctions.send(
      new StartSyncExecutionCommand({ stateMachineArn: `${arn}:PROD` }),
    ),
  ).toMatchObject({ status: 'SUCCEEDED', output: '"one"', stateMachineArn: arn });
});

test('an alias can be created, described, updated, listed and deleted', async () => {
  await publish();
  await update({ definition: saying('two'), publish: true });
  const { stateMachineAliasArn } = await alias([route(1)], { description: 'live' });
  expect(await alias([route(1)], { description: 'live' })).toMatchObject({ stateMachineAliasArn });
  await expect(alias([route(2)])).rejects.toMatchObject({ name: 'ConflictException' });
  await local.stepFunctions.send(
    new UpdateStateMachineAliasCommand({
      stateMachineAliasArn,
      routingConfiguration: [route(1, 50), route(2, 50)],
    }),
  );
  expect(
    await local.stepFunctions.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn })),
  ).toMatchObject({
    name: 'PROD',
    description: 'live',
    routingConfiguration: [route(1, 50), route(2, 50)],
  });
  await expect(
    local.stepFunctions.send(
      new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${arn}:1` }),
    ),
  ).rejects.toMatchObject({
    name: 'ConflictException',
    message:
      'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [PROD]',
  });
  const list = async () => {
    const listed = await local.stepFunctions.send(
      new ListStateMachineAliasesCommand({ stateMachineArn: arn }),
    );
    return listed.stateMachineAliases?.map((each) => each.stateMachineAliasArn);
  };
  expect(await list()).toEqual([`${arn}:PROD`]);
  await local.stepFunctions.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
  expect(await list()).toEqual([]);
  await expect(
    local.stepFunctions.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test.each([
  [
    'a route to a state machine instead of a version',
    () => [{ stateMachineVersionArn: arn, weight: 100 }],
    'must contain state machine version ARNs',
  ],
  [
    'the same version twice',
    () => [route(1, 50), route(1, 50)],
    'must contain distinct state machine version ARNs',
  ],
  [
    'weights that do not add up to 100',
    () => [route(1, 70)],
    'weights must equal 100. Received: [70]',
  ],
  ['a version that does not exist', () => [route(9)], 'does not exist'],
  ['no route', () => [], 'Member must have length greater than or equal to 1'],
  [
    'three routes',
    () => [route(1, 50), route(2, 25), route(3, 25)],
    'Member must have length less than or equal to 2',
  ],
  [
    'versions of two state machines',
    () => [route(1, 50), { stateMachineVersionArn: `${prefix}:another:1`, weight: 50 }],
    'must contain versions of one state machine',
  ],
])('an alias with %s is refused', async (_what, routes, message) => {
  await publish();
  await expect(alias(routes())).rejects.toThrow(message);
});

test('an alias name that is a number is refused', async () => {
  await publish();
  await expect(alias([route(1)], { name: '123' })).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$",
  });
});

test('a state machine can be tagged and untagged, and a version cannot', async () => {
  const tags = async (resourceArn = arn) =>
    (await local.stepFunctions.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
  const tag = (resourceArn: string) =>
    local.stepFunctions.send(
      new TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'team', value: 'onboarding' },
          { key: 'stage', value: 'dev' },
        ],
      }),
    );
  expect(await tags()).toEqual([]);
  await tag(arn);
  await local.stepFunctions.send(
    new UntagResourceCommand({ resourceArn: arn, tagKeys: ['stage', 'absent'] }),
  );
  expect(await tags()).toEqual([{ key: 'team', value: 'onboarding' }]);
  await publish();
  await expect(tag(`${arn}:1`)).rejects.toMatchObject({
    name: 'ResourceNotFound',
    message: `Resource not found: '${arn}:1'`,
  });
  name = `${name}-tagged`;
  arn = `${prefix}:${name}`;
  await create({ tags: [{ key: 'a', value: 'b' }] });
  expect(await tags(`${prefix}:${name}`)).toEqual([{ key: 'a', value: 'b' }]);
});
