import { TestStateCommand, type TestStateInput } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { definition, type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

const roleArn = 'arn:aws:iam::123456789012:role/test';
const invoke = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'greet', Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  Next: 'Elsewhere',
};
const item = { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } };
const map = { Type: 'Map', Items: '{% $states.input %}', ItemProcessor: item, End: true };
const parallel = { Type: 'Parallel', Branches: [item], End: true };

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

/** Tests one state at the level DEBUG. Returns the response without its metadata. */
async function outcomeOf(state: object, more: Partial<TestStateInput> = {}) {
  const command = new TestStateCommand({
    definition: JSON.stringify({ QueryLanguage: 'JSONata', ...state }),
    inspectionLevel: 'DEBUG',
    ...more,
  });
  const { $metadata, ...outcome } = await local.stepFunctions.send(command);
  return outcome;
}

const json = (value: Json) => JSON.stringify(value);

test('a Pass returns its output, variables and next state', async () => {
  const state = {
    Type: 'Pass',
    Assign: { greeting: "{% 'Hello ' & $name %}" },
    Output: '{% $states.input.a + 1 %}',
    Next: 'Elsewhere',
  };
  expect(await outcomeOf(state, { input: '{"a":1}', variables: '{"name":"Jane"}' })).toEqual({
    status: 'SUCCEEDED',
    output: '2',
    nextState: 'Elsewhere',
    inspectionData: { input: '{"a":1}', variables: json({ name: 'Jane', greeting: 'Hello Jane' }) },
  });
});

test('the level INFO leaves out the inspection data', async () => {
  expect(await outcomeOf({ Type: 'Succeed' }, { inspectionLevel: 'INFO' })).toEqual({
    status: 'SUCCEEDED',
    output: '{}',
  });
});

test('a Choice returns its next state, a Fail its error, and a Wait does not wait', async () => {
  const choices = [{ Condition: '{% $states.input > 1 %}', Next: 'Large' }];
  const choice = { Type: 'Choice', Choices: choices, Default: 'Small' };
  expect(await outcomeOf(choice, { input: '2' })).toMatchObject({ nextState: 'Large' });
  expect(await outcomeOf(choice, { input: '1' })).toMatchObject({ nextState: 'Small' });
  expect(await outcomeOf({ Type: 'Fail', Error: 'E', Cause: 'C' })).toMatchObject({
    status: 'FAILED',
    error: 'E',
    cause: 'C',
  });
  expect(await outcomeOf({ Type: 'Wait', Seconds: 99_999, Next: 'Later' })).toMatchObject({
    status: 'SUCCEEDED',
    nextState: 'Later',
  });
});

test('the cause of a failed expression names the state', async () => {
  const outcome = await outcomeOf({ Type: 'Pass', Output: '{% $absent %}', End: true });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(outcome.cause).toContain("executing the state 'StateName'");
});

describe('a Task with a mock', () => {
  test('gets the mocked result and calls no service', async () => {
    const mock = { result: json({ Payload: { hello: 'Jane' }, StatusCode: 200 }) };
    expect(await outcomeOf(invoke, { input: '{"name":"Jane"}', mock })).toEqual({
      status: 'SUCCEEDED',
      output: '{"hello":"Jane"}',
      nextState: 'Elsewhere',
      inspectionData: {
        input: '{"name":"Jane"}',
        afterArguments: json({ FunctionName: 'greet', Payload: { name: 'Jane' } }),
        result: json({ Payload: { hello: 'Jane' }, StatusCode: 200 }),
        variables: '{}',
      },
    });
  });

  const errorOutput = { error: 'Busy', cause: 'Too many.' };
  const recovering = {
    ...invoke,
    Retry: [
      { ErrorEquals: ['Other'] },
      { ErrorEquals: ['Busy'], MaxAttempts: 2, IntervalSeconds: 3, BackoffRate: 2 },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Sorry' }],
  };

  test('is RETRIABLE while its Retrier has retries left', async () => {
    const retried = (retrierRetryCount: number) =>
      outcomeOf(recovering, { mock: { errorOutput }, stateConfiguration: { retrierRetryCount } });
    expect(await retried(1)).toMatchObject({
      status: 'RETRIABLE',
      ...errorOutput,
      inspectionData: { errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: 6 } },
    });
    expect(await retried(2)).toMatchObject({
      status: 'CAUGHT_ERROR',
      ...errorOutput,
      output: json({ Error: 'Busy', Cause: 'Too many.' }),
      nextState: 'Sorry',
      inspectionData: { errorDetails: { catchIndex: 0 } },
    });
  });

  test('fails if nothing handles the error', async () => {
    expect(await outcomeOf(invoke, { mock: { errorOutput } })).toMatchObject({
      status: 'FAILED',
      ...errorOutput,
    });
  });

  test('gets the given context', async () => {
    const state = { ...invoke, Output: '{% $states.context %}' };
    const context = json({
      Execution: { Name: 'execution-1' },
      State: { EnteredTime: '2025-11-10T10:30:00Z' },
      Task: { Token: 'token-1' },
    });
    const { output } = await outcomeOf(state, { mock: { result: '{}' }, context });
    expect(JSON.parse(output ?? '')).toMatchObject({
      Execution: { Name: 'execution-1', Input: {} },
      State: { Name: 'StateName', EnteredTime: '2025-11-10T10:30:00Z', RetryCount: 0 },
      Task: { Token: 'token-1' },
    });
  });

  test('refuses a mocked result with a wrong type, unless the mode is NONE', async () => {
    const mock = { result: json({ StatusCode: '200' }) };
    await expect(outcomeOf(invoke, { mock })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Mock result schema validation error: Field 'StatusCode' must be a number",
    });
    const unchecked = { ...mock, fieldValidationMode: 'NONE' } as const;
    const state = { ...invoke, Output: '{% $states.result %}' };
    expect(await outcomeOf(state, { mock: unchecked })).toMatchObject({ status: 'SUCCEEDED' });
  });
});

test('a Task without a mock calls its service', async () => {
  const state = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Arguments: { QueueUrl: local.queueUrl, MessageBody: 'tested' },
    Output: '{% $exists($states.result.MessageId) %}',
    End: true,
  };
  expect(await outcomeOf(state, { roleArn })).toMatchObject({ output: 'true' });
});

describe('a Map with a mock', () => {
  const tolerant = { ...map, ToleratedFailureCount: 1 };
  const mock = { result: '[1,2,3]' };
  const failures = (mapIterationFailureCount: number, state: object = tolerant) =>
    outcomeOf(state, {
      input: '["a","b","c"]',
      mock,
      stateConfiguration: { mapIterationFailureCount },
    });

  test('gets the mocked results', async () => {
    expect(await outcomeOf(map, { input: '["a","b","c"]', mock })).toMatchObject({
      status: 'SUCCEEDED',
      output: '[1,2,3]',
      inspectionData: { maxConcurrency: 0 },
    });
  });

  test('fails if more iterations fail than it tolerates', async () => {
    expect(await failures(1)).toMatchObject({
      status: 'SUCCEEDED',
      inspectionData: { toleratedFailureCount: 1 },
    });
    const exceeded = { status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' };
    expect(await failures(2)).toMatchObject(exceeded);
    // The lower of the two limits counts.
    expect(await failures(1, { ...tolerant, ToleratedFailurePercentage: 10 })).toMatchObject(
      exceeded,
    );
  });
});

test('a state of a state machine is found by name, even inside a Parallel', async () => {
  const whole = definition({
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Output: 'inner', End: true } } },
      ],
      End: true,
    },
  });
  const outcome = await local.stepFunctions.send(
    new TestStateCommand({ definition: whole, stateName: 'Inner' }),
  );
  expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: '"inner"' });
  await expect(
    local.stepFunctions.send(new TestStateCommand({ definition: whole, stateName: 'Gone' })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

const mock = { result: '[]' };
test.each<[string, object, Partial<TestStateInput>, string]>([
  [
    'a mock of a Pass',
    { Type: 'Pass', End: true },
    { mock },
    "State type 'Pass' is not supported when a mock is specified",
  ],
  ['a Map without a mock', map, {}, 'TestState API does not support Map or Parallel states.'],
  [
    'a Parallel without a mock',
    parallel,
    {},
    'TestState API does not support Map or Parallel states.',
  ],
  ['a Task without a role', invoke, {}, 'RoleArn must be specified when testing a Task state'],
  [
    'a mock with both a result and an error',
    invoke,
    { mock: { ...mock, errorOutput: {} } },
    'only one of the following fields: [result, errorOutput].',
  ],
  [
    'a mock that is not JSON',
    invoke,
    { mock: { result: 'no' } },
    'Mocked result must be valid JSON',
  ],
  [
    'revealSecrets with a mock',
    invoke,
    { mock, revealSecrets: true },
    'does not support RevealSecrets',
  ],
  [
    'a mock of a Map that is not an array',
    map,
    { mock: { result: '{}' } },
    'Mocked result must be an array.',
  ],
  [
    'a mock of a Parallel with the wrong number of items',
    parallel,
    { mock },
    'must contain the same number of items as number of Parallel branches.',
  ],
  [
    'an iteration failure count without a mock',
    { Type: 'Pass', End: true },
    { stateConfiguration: { mapIterationFailureCount: 1 } },
    'does not support MapIterationFailureCount when a mock is not specified.',
  ],
  [
    'an iteration failure count above the number of results',
    map,
    { mock, stateConfiguration: { mapIterationFailureCount: 1 } },
    'Map iteration failure count must be less than or equal to the number of Map iterations',
  ],
  [
    'an invalid state',
    { Type: 'Parallel', Branches: [], End: true },
    { mock },
    "Value cannot be empty at /States/StateName/Branches'",
  ],
])('%s is refused', async (_what, state, more, message) => {
  await expect(outcomeOf(state, more)).rejects.toThrow(message);
});
