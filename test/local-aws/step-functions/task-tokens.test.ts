import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callSns } from '../../../src/local-aws/sns-query.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';
import { type ManualClock, manualClock } from '../manual-clock.ts';

const withToken = { token: '{% $states.context.Task.Token %}' };

let clock: ManualClock;
let local: LocalAwsWithClients;

beforeEach(async () => {
  clock = manualClock();
  local = await startWithClients({
    clock,
    functions: new Map([['confirm', { handler: enqueue }]]),
  });
});
afterEach(() => local.close());

/** A Lambda function that sends its event to the queue. */
async function enqueue(event: unknown) {
  const MessageBody = JSON.stringify(event);
  await local.sqs.send(new SendMessageCommand({ QueueUrl: local.queueUrl, MessageBody }));
}

/** Creates a topic whose messages go to the queue. Returns its ARN. */
async function createTopic(): Promise<string> {
  const created = await callSns(local.aws.sqsUrl, 'CreateTopic', [['Name', 'confirmations']]);
  const topicArn = created.elementOf('TopicArn');
  await callSns(local.aws.sqsUrl, 'Subscribe', [
    ['TopicArn', topicArn],
    ['Protocol', 'sqs'],
    ['Endpoint', 'arn:aws:sqs:us-east-1:000000000000:user-onboarded'],
    ['Attributes.entry.1.key', 'RawMessageDelivery'],
    ['Attributes.entry.1.value', 'true'],
  ]);
  return topicArn;
}

/** Starts a workflow that sends its task token in a message, and receives the token. */
async function ask(more: Readonly<Record<string, Json>> = {}) {
  const stateMachineArn = await local.createStateMachine('confirm', {
    Confirm: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: {
        QueueUrl: local.queueUrl,
        MessageBody: withToken,
      },
      End: true,
      ...more,
    },
  });
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  return { executionArn, taskToken: await receiveToken() };
}

async function receiveToken(): Promise<string> {
  const { Messages = [] } = await local.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: local.queueUrl, WaitTimeSeconds: 5 }),
  );
  return JSON.parse(Messages[0]?.Body ?? '{}').token;
}

const succeed = (taskToken: string, output = '{"confirmed":true}') =>
  local.stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output }));
const beat = (taskToken: string) =>
  local.stepFunctions.send(new SendTaskHeartbeatCommand({ taskToken }));

test('SendTaskSuccess resumes the workflow with the output', async () => {
  const { executionArn, taskToken } = await ask();
  await succeed(taskToken);
  expect(await local.waitForEnd(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"confirmed":true}',
  });
  const { events = [] } = await local.stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn }),
  );
  expect(events.map(({ id, previousEventId, type }) => `${id} ${type} ${previousEventId}`)).toEqual(
    [
      '1 ExecutionStarted 0',
      '2 TaskStateEntered 0',
      '3 TaskScheduled 2',
      '4 TaskStarted 3',
      '5 TaskSubmitted 4',
      '6 TaskSucceeded 5',
      '7 TaskStateExited 6',
      '8 ExecutionSucceeded 7',
    ],
  );
  expect(events[4]?.taskSubmittedEventDetails).toMatchObject({
    resourceType: 'sqs',
    resource: 'sendMessage.waitForTaskToken',
    output: expect.stringContaining('"MessageId"'),
  });
});

test.each<[string, () => Promise<Json>]>([
  ['sns:publish', async () => ({ TopicArn: await createTopic(), Message: withToken })],
  ['lambda:invoke', async () => ({ FunctionName: 'confirm', Payload: withToken })],
])('a Task of %s can wait for its token too', async (resource, argumentsOf) => {
  const { executionArn, taskToken } = await ask({
    Resource: `arn:aws:states:::${resource}.waitForTaskToken`,
    Arguments: await argumentsOf(),
  });
  await succeed(taskToken);
  expect(await local.waitForEnd(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"confirmed":true}',
  });
});

test('SendTaskFailure fails the state with the error', async () => {
  const { executionArn, taskToken } = await ask();
  await local.stepFunctions.send(
    new SendTaskFailureCommand({ taskToken, error: 'Declined', cause: 'Not me.' }),
  );
  expect(await local.waitForEnd(executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'Declined',
    cause: 'Not me.',
  });
});

test('SendTaskHeartbeat keeps the Task waiting, and the first missed heartbeat fails it', async () => {
  const { executionArn, taskToken } = await ask({ HeartbeatSeconds: 60, TimeoutSeconds: 600 });
  await clock.sleepOf(60_000);
  for (let count = 0; count < 3; count += 1) {
    clock.advance(59_000);
    await beat(taskToken);
    await clock.sleepOf(60_000);
  }
  clock.advance(60_000);
  expect(await local.waitForEnd(executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'States.HeartbeatTimeout',
  });
});

test('TimeoutSeconds fails the Task despite its heartbeats', async () => {
  const { executionArn, taskToken } = await ask({ HeartbeatSeconds: 400, TimeoutSeconds: 600 });
  await clock.sleepOf(600_000);
  clock.advance(300_000);
  await beat(taskToken);
  clock.advance(300_000);
  expect(await local.waitForEnd(executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Timeout',
  });
});

test('each attempt has its own token', async () => {
  const { executionArn, taskToken } = await ask({
    Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
  });
  await local.stepFunctions.send(new SendTaskFailureCommand({ taskToken, error: 'Again' }));
  await clock.sleepOf(1000);
  clock.advance(1000);
  const second = await receiveToken();
  expect(second).not.toBe(taskToken);
  await succeed(second);
  expect(await local.waitForEnd(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a token is valid once, and not after the execution has ended', async () => {
  const { executionArn, taskToken } = await ask();
  await succeed(taskToken);
  const over = {
    name: 'TaskTimedOut',
    message: "Task Timed Out: 'Provided task does not exist anymore'",
  };
  await expect(succeed(taskToken)).rejects.toMatchObject(over);
  await local.waitForEnd(executionArn);
  await expect(beat(taskToken)).rejects.toMatchObject(over);
});

test('the token of a stopped execution is refused', async () => {
  const { executionArn, taskToken } = await ask();
  await local.stepFunctions.send(new StopExecutionCommand({ executionArn }));
  await expect(succeed(taskToken)).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

test('an invalid token and an output that is not JSON are refused', async () => {
  const { taskToken } = await ask();
  const invalid = { name: 'InvalidToken', message: "Invalid Token: 'Invalid token'" };
  await expect(succeed('made-up')).rejects.toMatchObject(invalid);
  await expect(succeed(`${taskToken.slice(0, -4)}AAAA`)).rejects.toMatchObject(invalid);
  await expect(succeed(taskToken, '{"email": jane@example.com}')).rejects.toMatchObject({
    name: 'InvalidOutput',
    message: "Invalid Output: 'The output is not valid JSON.'",
  });
});
