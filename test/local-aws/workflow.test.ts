import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tables } from '../../src/workflow/resources.ts';
import { type LocalAwsWithClients, startWithClients } from './local-aws-clients.ts';
import { manualClock } from './manual-clock.ts';

const createdDate = '2025-11-10T10:30:00.000Z';
const user = {
  userId: 'user-1',
  email: 'jane@example.com',
  name: 'Jane Doe',
  signupDate: '2025-11-09T08:00:00Z',
  source: 'web',
  metadata: { referralCode: 'FRIEND2025', country: 'US', visits: 3, invited: true },
};
let local: LocalAwsWithClients;

beforeEach(async () => {
  local = await startWithClients({ clock: manualClock(Date.parse(createdDate)) });
});
afterEach(() => local.close());

function onboard(input: unknown) {
  return local.stepFunctions.send(
    new StartSyncExecutionCommand({
      stateMachineArn: local.aws.expressWorkflowArn,
      input: JSON.stringify(input),
    }),
  );
}

async function savedUser(userId: string) {
  const { Item } = await local.dynamoDb.send(
    new GetItemCommand({
      TableName: tables.UsersTable.name,
      Key: { PK: { S: userId }, SK: { S: 'PROFILE' } },
    }),
  );
  return Item;
}

async function messages() {
  const { Messages = [] } = await local.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: local.queueUrl,
      MaxNumberOfMessages: 10,
    }),
  );
  return Messages.map(({ Body = '', MessageId }) => ({ ...JSON.parse(Body), MessageId }));
}

test('a user is saved, their referral applied, and they are announced', async () => {
  const answer = await onboard({ user });
  expect(answer.status).toBe('SUCCEEDED');
  const output = JSON.parse(answer.output ?? '');
  expect(output).toEqual({
    userId: 'user-1',
    createdDate,
    referral: { campaign: 'FRIEND', number: 2025 },
    messageId: expect.any(String),
  });
  expect(await savedUser('user-1')).toEqual({
    PK: { S: 'user-1' },
    SK: { S: 'PROFILE' },
    createdDate: { S: createdDate },
    userId: { S: 'user-1' },
    email: { S: 'jane@example.com' },
    name: { S: 'Jane Doe' },
    signupDate: { S: '2025-11-09T08:00:00Z' },
    source: { S: 'web' },
    metadata: {
      M: {
        referralCode: { S: 'FRIEND2025' },
        country: { S: 'US' },
        visits: { N: '3' },
        invited: { BOOL: true },
      },
    },
  });
  expect(await messages()).toEqual([
    {
      type: 'UserOnboarded',
      userId: 'user-1',
      signupDate: '2025-11-09T08:00:00Z',
      createdDate,
      MessageId: output.messageId,
    },
  ]);
});

test('a referral code that is none fails the workflow, which has saved the user and announces nobody', async () => {
  const answer = await onboard({ user: { ...user, metadata: { referralCode: '2025' } } });
  expect(answer).toMatchObject({
    status: 'FAILED',
    error: 'InvalidReferralCode',
    cause: 'The referral code must be letters followed by digits, for example FRIEND2025.',
  });
  expect(await savedUser('user-1')).toMatchObject({ email: { S: 'jane@example.com' } });
  expect(await messages()).toEqual([]);
});

test.each([
  ['no metadata', { ...user, metadata: undefined }],
  ['no referral code', { ...user, metadata: {} }],
  ['metadata that is null', { ...user, metadata: null }],
  ['nothing but an id', { userId: 'user-1' }],
])('a user with %s is onboarded without referral', async (_what, unvalidated) => {
  const answer = await onboard({ user: unvalidated });
  expect(answer.status).toBe('SUCCEEDED');
  expect(JSON.parse(answer.output ?? '')).toMatchObject({ userId: 'user-1', referral: null });
  expect(await savedUser('user-1')).toMatchObject({ userId: { S: 'user-1' } });
  expect(await messages()).toMatchObject([{ type: 'UserOnboarded', userId: 'user-1' }]);
});

test.each([
  ['no user', {}],
  ['null', null],
  ['a list', []],
  ['no id', { user: { ...user, userId: undefined } }],
  ['an id that is a number', { user: { ...user, userId: 1 } }],
  ['a blank id', { user: { ...user, userId: '  ' } }],
])('input with %s is refused by the workflow itself', async (_what, input) => {
  expect(await onboard(input)).toMatchObject({
    status: 'FAILED',
    error: 'InvalidOnboardingInput',
  });
  expect(await messages()).toEqual([]);
});

test('the queue is found by its name, at a URL that any machine can resolve', async () => {
  const { QueueUrl } = await local.sqs.send(
    new GetQueueUrlCommand({ QueueName: 'user-onboarded' }),
  );
  expect(QueueUrl).toBe(local.queueUrl);
  expect(QueueUrl?.startsWith(`${local.aws.sqsUrl}/`)).toBe(true);
});
