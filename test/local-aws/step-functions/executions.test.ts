import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  definition,
  fail,
  type LocalAwsWithClients,
  pass,
  startWithClients,
  waitAnHour,
} from '../local-aws-clients.ts';
import { manualClock } from '../manual-clock.ts';

const day = 86_400_000;
const clock = manualClock();
const startDate = new Date(clock.now());
let local: LocalAwsWithClients;
let passArn: string;
let waitArn: string;

beforeAll(async () => {
  local = await startWithClients({ clock });
  passArn = await local.createStateMachine('pass', pass);
  waitArn = await local.createStateMachine('wait', waitAnHour);
});
afterAll(() => local.close());

const start = (stateMachineArn: string, name?: string, input?: string) =>
  local.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input }));
const describe = (executionArn: string | undefined) =>
  local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
const stop = (executionArn: string | undefined, error?: string, cause?: string) =>
  local.stepFunctions.send(new StopExecutionCommand({ executionArn, error, cause }));
const history = (executionArn: string | undefined, more = {}) =>
  local.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, ...more }));
const list = (more: object) =>
  local.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: waitArn, ...more }));

test('an execution runs and is described with its input and output', async () => {
  const { executionArn, ...started } = await start(passArn, 'described', '{"é": 1}');
  expect(executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:pass:described');
  expect(started.startDate).toEqual(startDate);
  expect(await describe(executionArn)).toMatchObject({
    executionArn,
    stateMachineArn: passArn,
    name: 'described',
    status: 'SUCCEEDED',
    input: '{"é": 1}',
    output: '{"é":1}',
    startDate,
    stopDate: startDate,
    redriveCount: 0,
  });
});

test('an execution without name and input gets a random name and the input {}', async () => {
  const one = await describe((await start(passArn)).executionArn);
  const other = await describe((await start(passArn)).executionArn);
  expect(one).toMatchObject({ input: '{}', output: '{}' });
  expect(one.name).not.toBe(other.name);
});

test('a failed execution has an error and a cause, and no output', async () => {
  const failArn = await local.createStateMachine('fail', fail);
  const described = await describe((await start(failArn)).executionArn);
  expect(described).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'Because.' });
  expect(described.output).toBeUndefined();
});

test('METADATA_ONLY leaves out input and output', async () => {
  const { executionArn } = await start(passArn);
  const described = await local.stepFunctions.send(
    new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }),
  );
  expect(described).toMatchObject({
    status: 'SUCCEEDED',
    inputDetails: { included: false },
    outputDetails: { included: false },
  });
  expect(described.input ?? described.output).toBeUndefined();
});

test('starting a running execution again with the same name and input returns it', async () => {
  const first = await start(waitArn, 'twice', '{"a":1}');
  clock.advance(1000);
  expect(await start(waitArn, 'twice', '{"a":1}')).toMatchObject({
    executionArn: first.executionArn,
    startDate: first.startDate,
  });
});

test('starting a running execution again with another input is refused', async () => {
  await start(waitArn, 'other-input', '{"a":1}');
  await expect(start(waitArn, 'other-input', '{"a":2}')).rejects.toMatchObject({
    name: 'ExecutionAlreadyExists',
    message:
      "Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:wait:other-input'",
  });
});

test('the name of an execution that has ended is refused, even with the same input', async () => {
  await start(passArn, 'ended');
  await expect(start(passArn, 'ended')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

test('executions of two state machines may have the same name', async () => {
  await start(passArn, 'shared');
  expect((await start(waitArn, 'shared')).executionArn).toContain(':wait:shared');
});

test('an execution of a Wait is RUNNING until the time has passed', async () => {
  const dayArn = await local.createStateMachine('day', {
    Wait: { Type: 'Wait', Seconds: day / 1000, End: true },
  });
  const { executionArn } = await start(dayArn);
  await clock.sleepOf(day);
  const running = await describe(executionArn);
  expect(running.status).toBe('RUNNING');
  expect(running.stopDate ?? running.output).toBeUndefined();
  clock.advance(day);
  expect(await describe(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a stopped execution is ABORTED with the given error and cause', async () => {
  const { executionArn } = await start(waitArn);
  const { stopDate } = await stop(executionArn, 'Mistake', 'Wrong user.');
  expect(await describe(executionArn)).toMatchObject({
    status: 'ABORTED',
    error: 'Mistake',
    cause: 'Wrong user.',
    stopDate,
  });
  const { events = [] } = await history(executionArn);
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'WaitStateEntered',
    'ExecutionAborted',
  ]);
  expect(events.at(-1)).toMatchObject({
    id: 3,
    previousEventId: 0,
    executionAbortedEventDetails: { error: 'Mistake', cause: 'Wrong user.' },
  });
});

test('a stopped execution records nothing more, even if branches were running', async () => {
  const branch = (name: string) => ({
    StartAt: name,
    States: { [name]: { Type: 'Wait', Seconds: 3600, End: true } },
  });
  const stateMachineArn = await local.createStateMachine('parallel', {
    Parallel: { Type: 'Parallel', Branches: [branch('One'), branch('Other')], End: true },
  });
  const { executionArn } = await start(stateMachineArn);
  await stop(executionArn);
  clock.advance(day);
  const { events = [] } = await history(executionArn);
  expect(events.at(-1)?.type).toBe('ExecutionAborted');
  expect(events.filter(({ type }) => type?.endsWith('Exited'))).toEqual([]);
});

test('DescribeExecution returns the redrive status of AWS', async () => {
  const running = await describe((await start(waitArn)).executionArn);
  const succeeded = await describe((await start(passArn)).executionArn);
  const failing = await local.createStateMachine('redrivable', fail);
  const failed = await describe((await start(failing)).executionArn);
  expect([running, succeeded, failed]).toMatchObject([
    {
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    },
    {
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    },
    { redriveStatus: 'REDRIVABLE' },
  ]);
});

test('an execution that times out has no error and no cause, and stops exactly at the timeout', async () => {
  const { stateMachineArn } = await local.stepFunctions.send(
    new CreateStateMachineCommand({
      name: 'timing-out',
      roleArn: 'arn:aws:iam::123456789012:role/test',
      definition: JSON.stringify({ ...JSON.parse(definition(waitAnHour)), TimeoutSeconds: 7 }),
    }),
  );
  const { executionArn, startDate } = await start(stateMachineArn ?? '');
  await clock.sleepOf(7000);
  clock.advance(7777);
  const described = await describe(executionArn);
  expect(described).toMatchObject({
    status: 'TIMED_OUT',
    stopDate: new Date((startDate?.getTime() ?? 0) + 7000),
    redriveStatus: 'REDRIVABLE',
  });
  expect(described.error ?? described.cause).toBeUndefined();
});

test('stopping an execution that has ended does not change it', async () => {
  const { executionArn } = await start(passArn);
  const { stopDate } = await describe(executionArn);
  clock.advance(1000);
  expect((await stop(executionArn)).stopDate).toEqual(stopDate);
  expect(await describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', stopDate });
});

test('the history has every event with its data', async () => {
  const { executionArn } = await start(passArn, 'with-data', '{"a":1}');
  const { events, nextToken } = await history(executionArn);
  expect(nextToken).toBeUndefined();
  expect(events).toMatchObject([
    { id: 1, type: 'ExecutionStarted', executionStartedEventDetails: { input: '{"a":1}' } },
    { id: 2, type: 'PassStateEntered', stateEnteredEventDetails: { input: '{"a":1}' } },
    { id: 3, type: 'PassStateExited', stateExitedEventDetails: { output: '{"a":1}' } },
    { id: 4, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '{"a":1}' } },
  ]);
  expect(events?.[0]?.timestamp).toBeInstanceOf(Date);
});

test('the history without execution data leaves out inputs and outputs', async () => {
  const { executionArn } = await start(passArn, 'without-data', '{"secret":1}');
  const { events } = await history(executionArn, { includeExecutionData: false });
  expect(JSON.stringify(events)).not.toContain('secret');
  expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: 'Pass' });
});

test('the history comes in pages, in either order', async () => {
  const { executionArn } = await start(passArn);
  const ids = async (reverseOrder: boolean) => {
    const pages: unknown[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await history(executionArn, { maxResults: 3, nextToken, reverseOrder });
      pages.push(page.events?.map(({ id }) => id) ?? []);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return pages;
  };
  expect(await ids(false)).toEqual([[1, 2, 3], [4]]);
  expect(await ids(true)).toEqual([[4, 3, 2], [1]]);
});

test('executions are listed newest first, by status and in pages', async () => {
  const arns: (string | undefined)[] = [];
  for (const name of ['list-1', 'list-2', 'list-3']) {
    arns.unshift((await start(waitArn, name)).executionArn);
  }
  await stop(arns[1]);
  const firstPage = await list({ maxResults: 2 });
  expect(firstPage.executions).toMatchObject([
    { executionArn: arns[0], status: 'RUNNING', name: 'list-3', stateMachineArn: waitArn },
    { executionArn: arns[1], status: 'ABORTED' },
  ]);
  // An execution that starts now does not move the next page.
  await start(waitArn, 'list-4');
  const secondPage = await list({ maxResults: 1, nextToken: firstPage.nextToken });
  expect(secondPage.executions).toMatchObject([{ executionArn: arns[2] }]);
  const aborted = await list({ statusFilter: 'ABORTED', maxResults: 1 });
  expect(aborted.executions).toMatchObject([{ executionArn: arns[1] }]);
});

test('a nextToken is valid for its own list only', async () => {
  await start(waitArn);
  await start(waitArn);
  const { nextToken } = await list({ maxResults: 1 });
  const invalid = { name: 'InvalidToken' };
  await expect(list({ nextToken, statusFilter: 'ABORTED' })).rejects.toMatchObject(invalid);
  await expect(list({ nextToken: 'made-up' })).rejects.toMatchObject(invalid);
  await expect(list({ nextToken: `${nextToken}A` })).rejects.toMatchObject(invalid);
});

test('Express executions start, but cannot be described, stopped or listed', async () => {
  const expressArn = await local.createStateMachine('express', pass, 'EXPRESS');
  const one = await start(expressArn, 'same');
  const other = await start(expressArn, 'same');
  expect(one.executionArn).toMatch(/:express:express:same:[0-9a-f-]{36}$/);
  expect(one.executionArn).not.toBe(other.executionArn);
  const invalid = {
    name: 'InvalidArn',
    message: "Invalid Arn: 'Resource type not valid in this context: express'",
  };
  await expect(describe(one.executionArn)).rejects.toMatchObject(invalid);
  await expect(stop(one.executionArn)).rejects.toMatchObject(invalid);
  await expect(history(one.executionArn)).rejects.toMatchObject(invalid);
  await expect(list({ stateMachineArn: expressArn })).rejects.toMatchObject({
    name: 'StateMachineTypeNotSupported',
  });
});

test.each([
  ['white space', 'a b'],
  ['a colon', 'a:b'],
  ['a control character', 'a\u0007'],
  ['an emoji', 'a🎉'],
])('a name with %s is refused', async (_what, name) => {
  await expect(start(passArn, name)).rejects.toMatchObject({ name: 'InvalidName' });
});

test('an input that is not JSON is refused without quoting it', async () => {
  const refusal = start(passArn, undefined, '{"email": jane@example.com}');
  await expect(refusal).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  await expect(refusal).rejects.not.toThrow(/jane/);
});

test('an input of more than 262,144 bytes is refused', async () => {
  const largest = `"${'é'.repeat(131_071)}"`;
  expect(Buffer.byteLength(largest)).toBe(262_144);
  const { executionArn } = await start(passArn, undefined, largest);
  expect((await describe(executionArn)).output).toBe(largest);
  await expect(start(passArn, undefined, `${largest} `)).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
  });
});

test('an ARN of a missing resource and an invalid ARN are different errors', async () => {
  const none = 'arn:aws:states:us-east-1:123456789012:stateMachine:none';
  await expect(start(none)).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${none}'`,
  });
  const elsewhere = 'arn:aws:states:eu-west-1:123456789012:execution:pass:ended';
  await expect(describe(elsewhere)).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
    message: `Execution Does Not Exist: '${elsewhere}'`,
  });
  await expect(describe('pass')).rejects.toMatchObject({
    name: 'InvalidArn',
    message: "Invalid Arn: 'Invalid ARN prefix: pass'",
  });
  await expect(describe(passArn)).rejects.toMatchObject({ name: 'InvalidArn' });
  await expect(describe('arn:aws:sqs:us-east-1:123456789012:execution:pass:ended')).rejects.toThrow(
    'Invalid Arn',
  );
});

test('an execution beyond the limit of running ones is refused', async () => {
  const limits = { open: 1, closed: 10, bytes: 1_000_000, executionBytes: 1_000_000 };
  const small = await startWithClients({ clock: manualClock(), limits });
  const stateMachineArn = await small.createStateMachine('wait', waitAnHour);
  const startOne = () => small.stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
  const { executionArn } = await startOne();
  await expect(startOne()).rejects.toMatchObject({ name: 'ExecutionLimitExceeded' });
  const sync = new StartSyncExecutionCommand({ stateMachineArn: small.aws.expressWorkflowArn });
  await expect(small.stepFunctions.send(sync)).rejects.toMatchObject({
    name: 'ExecutionLimitExceeded',
  });
  await small.stepFunctions.send(new StopExecutionCommand({ executionArn }));
  await startOne();
  await small.close();
});
