import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  TestStateCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  definition,
  type LocalAwsWithClients,
  pass,
  startWithClients,
} from '../local-aws-clients.ts';

const roleArn = 'arn:aws:iam::123456789012:role/test';
let local: LocalAwsWithClients;

beforeEach(async () => {
  local = await startWithClients();
});
afterEach(() => local.close());

const create = (more = {}) =>
  local.stepFunctions.send(
    new CreateStateMachineCommand({ name: 'mine', definition: definition(pass), roleArn, ...more }),
  );
const describe = (stateMachineArn: string | undefined) =>
  local.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));

test('the workflow exists as a Standard and an Express state machine without placeholders', async () => {
  const standard = await describe(local.aws.workflowArn);
  const express = await describe(local.aws.expressWorkflowArn);
  expect(standard).toMatchObject({ name: 'user-onboarding', type: 'STANDARD', status: 'ACTIVE' });
  expect(express).toMatchObject({ name: 'user-onboarding-express', type: 'EXPRESS' });
  expect(standard.definition).toBe(express.definition);
  expect(standard.definition).toContain(local.queueUrl);
  expect(standard.definition).not.toMatch(/\$\{\w+\}/);
});

test('a state machine can be created, described, started and deleted', async () => {
  const { stateMachineArn, creationDate } = await create();
  expect(stateMachineArn).toBe('arn:aws:states:us-east-1:123456789012:stateMachine:mine');
  expect(await describe(stateMachineArn)).toMatchObject({
    name: 'mine',
    type: 'STANDARD',
    definition: definition(pass),
    roleArn,
    creationDate,
  });
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  expect(
    await local.stepFunctions.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
  ).toMatchObject({ stateMachineArn, name: 'mine', definition: definition(pass), roleArn });
  await local.stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await expect(describe(stateMachineArn)).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
  const execution = await local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  expect(execution.status).toBe('SUCCEEDED');
});

test('creating the same state machine again returns it; another type or publication is refused', async () => {
  const first = await create();
  expect(await create()).toMatchObject({
    stateMachineArn: first.stateMachineArn,
    creationDate: first.creationDate,
  });
  const otherRole = await create({ roleArn: `${roleArn}-2` });
  expect(otherRole.creationDate).toEqual(first.creationDate);
  for (const other of [{ type: 'EXPRESS' }, { publish: true }]) {
    await expect(create(other)).rejects.toMatchObject({ name: 'StateMachineAlreadyExists' });
  }
});

test('an update without changes is refused', async () => {
  const { stateMachineArn } = await create();
  await expect(
    local.stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn })),
  ).rejects.toMatchObject({ name: 'MissingRequiredParameter' });
});

test('a definition that is nested too deeply is refused', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const nested = `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":${deep},"End":true}}}`;
  const refused = { name: 'InvalidDefinition' };
  await expect(create({ definition: nested })).rejects.toMatchObject(refused);
  const test = new TestStateCommand({ definition: nested, stateName: 'A' });
  await expect(local.stepFunctions.send(test)).rejects.toMatchObject(refused);
  expect(
    await local.stepFunctions.send(
      new ValidateStateMachineDefinitionCommand({ definition: nested }),
    ),
  ).toMatchObject({ result: 'FAIL' });
});

test('an updated state machine runs its new definition', async () => {
  const { stateMachineArn } = await create();
  const { updateDate } = await local.stepFunctions.send(
    new UpdateStateMachineCommand({
      stateMachineArn,
      definition: definition({ Other: { Type: 'Pass', Output: 'new', End: true } }),
    }),
  );
  expect(updateDate).toBeInstanceOf(Date);
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  const execution = await local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  expect(execution.output).toBe('"new"');
});

test('an invalid definition is refused by create and update', async () => {
  const broken = definition({ Pass: { Type: 'Pass', Next: 'Nowhere' } });
  await expect(create({ definition: broken })).rejects.toMatchObject({
    name: 'InvalidDefinition',
    message: expect.stringContaining('Nowhere'),
  });
  const { stateMachineArn } = await create();
  await expect(
    local.stepFunctions.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: broken }),
    ),
  ).rejects.toMatchObject({ name: 'InvalidDefinition' });
  expect((await describe(stateMachineArn)).definition).toBe(definition(pass));
});

test('ValidateStateMachineDefinition returns the problems of a definition', async () => {
  const validate = (text: string) =>
    local.stepFunctions.send(new ValidateStateMachineDefinitionCommand({ definition: text }));
  expect(await validate(definition(pass))).toMatchObject({ result: 'OK', diagnostics: [] });
  const broken = await validate(definition({ Pass: { Type: 'Pass', Next: 'Nowhere' } }));
  expect(broken.result).toBe('FAIL');
  expect(broken.diagnostics?.[0]).toMatchObject({
    severity: 'ERROR',
    message: expect.stringContaining('Nowhere'),
  });
});

test('state machines are listed in pages', async () => {
  await create();
  const list = (more: object) => local.stepFunctions.send(new ListStateMachinesCommand(more));
  const { stateMachines, nextToken } = await list({ maxResults: 2 });
  expect(stateMachines?.map(({ name }) => name)).toEqual([
    'user-onboarding',
    'user-onboarding-express',
  ]);
  const rest = await list({ nextToken });
  expect(rest.stateMachines).toMatchObject([{ name: 'mine', type: 'STANDARD' }]);
  expect(rest.nextToken).toBeUndefined();
});

test('the hundred and first state machine is refused', async () => {
  // The workflow's two exist already.
  for (let count = 2; count < 100; count += 1) await create({ name: `machine-${count}` });
  await expect(create({ name: 'one-more' })).rejects.toMatchObject({
    name: 'StateMachineLimitExceeded',
  });
});

test('an invalid name is refused', async () => {
  await expect(create({ name: 'my workflow' })).rejects.toMatchObject({ name: 'InvalidName' });
});

test('a description has settings, variable references and the revision, as on AWS', async () => {
  const loggingConfiguration = { level: 'ALL', includeExecutionData: true } as const;
  const { stateMachineArn } = await create({
    definition: definition({
      Set: { Type: 'Pass', Assign: { b: 1, a: 2 }, Next: 'Use' },
      Use: { Type: 'Pass', Output: '{% ($c := $a; $sum([$b, $c])) %}', End: true },
    }),
  });
  expect(await describe(stateMachineArn)).toMatchObject({
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    variableReferences: { Use: ['a', 'b'] },
  });
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  const updated = await local.stepFunctions.send(
    new UpdateStateMachineCommand({ stateMachineArn, loggingConfiguration }),
  );
  expect(updated.revisionId).toBeTypeOf('string');
  expect(await describe(stateMachineArn)).toMatchObject({
    revisionId: updated.revisionId,
    loggingConfiguration,
  });
  const ofExecution = await local.stepFunctions.send(
    new DescribeStateMachineForExecutionCommand({ executionArn }),
  );
  expect(ofExecution).toMatchObject({ variableReferences: { Use: ['a', 'b'] } });
  const later = await local.stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
  expect(
    await local.stepFunctions.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: later.executionArn }),
    ),
  ).toMatchObject({ updateDate: updated.updateDate, revisionId: updated.revisionId });
});

test.each([
  ['roleArn', { roleArn: 'arn:aws:iam::123456789012:role/other' }],
  ['tracingConfiguration', { tracingConfiguration: { enabled: true } }],
  ['encryptionConfiguration', { encryptionConfiguration: { type: 'AWS_OWNED_KEY' as const } }],
])('an update may change %s alone', async (_member, change) => {
  const { stateMachineArn } = await create();
  await local.stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, ...change }));
  expect(await describe(stateMachineArn)).toMatchObject(change);
});

test('an Express state machine that waits for a token is refused with AWS’s message', async () => {
  const states = {
    Ask: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true },
  };
  await expect(create({ type: 'EXPRESS', definition: definition(states) })).rejects.toMatchObject({
    name: 'InvalidDefinition',
    message:
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/Ask/Resource'",
  });
});

test('the diagnostic of an empty definition has no location', async () => {
  const { diagnostics } = await local.stepFunctions.send(
    new ValidateStateMachineDefinitionCommand({ definition: '' }),
  );
  expect(diagnostics).toEqual([
    {
      severity: 'ERROR',
      code: 'SCHEMA_VALIDATION_FAILED',
      message: 'Definition must be a valid JSON object',
    },
  ]);
});

test('a nextToken of more than 1,024 characters is refused', async () => {
  await expect(
    local.stepFunctions.send(new ListStateMachinesCommand({ nextToken: 'x'.repeat(1025) })),
  ).rejects.toMatchObject({
    name: 'ValidationException',
    message: `1 validation error detected: Value '${'x'.repeat(1025)}' at 'nextToken' failed to satisfy constraint: Member must have length less than or equal to 1024`,
  });
});
