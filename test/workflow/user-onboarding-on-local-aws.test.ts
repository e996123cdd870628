import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tables } from '../../src/workflow/resources.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws/local-aws-clients.ts';
import { manualClock } from '../local-aws/manual-clock.ts';

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

test('the workflow saves the user, applies the referral and announces the user', async () => {
  const execution = await onboard({ user });
  expect(execution.status).toBe('SUCCEEDED');
  const output = JSON.parse(execution.output ?? '');
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

test('an invalid referral code fails the workflow after the user is saved, and announces nobody', async () => {
  const execution = await onboard({ user: { ...user, metadata: { referralCode: '2025' } } });
  expect(execution).toMatchObject({
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
])('a user with %s is onboarded without a referral', async (_what, unvalidated) => {
  const execution = await onboard({ user: unvalidated });
  expect(execution.status).toBe('SUCCEEDED');
  expect(JSON.parse(execution.output ?? '')).toMatchObject({ userId: 'user-1', referral: null });
  expect(await savedUser('user-1')).toMatchObject({ userId: { S: 'user-1' } });
  expect(await messages()).toMatchObject([{ type: 'UserOnboarded', userId: 'user-1' }]);
});

test('GetQueueUrl returns a URL with 127.0.0.1, which every machine can reach', async () => {
  const { QueueUrl } = await local.sqs.send(
    new GetQueueUrlCommand({ QueueName: 'user-onboarded' }),
  );
  expect(QueueUrl).toBe(local.queueUrl);
  expect(QueueUrl?.startsWith(`${local.aws.sqsUrl}/`)).toBe(true);
});
