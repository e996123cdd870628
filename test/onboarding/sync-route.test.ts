import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncResponseSchema } from '../../src/onboarding/responses.ts';
import { tables } from '../../src/workflow/resources.ts';
import { waitAnHour } from '../local-aws/local-aws-clients.ts';
import { manualClock } from '../local-aws/manual-clock.ts';
import { onboardingRequest } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, problemIn, syncPath } from '../support/requests.ts';

const clock = manualClock(Date.now());
let running: AppOnLocalAws;
beforeAll(async () => {
  running = await startAppOnLocalAws({ clock });
});
afterAll(() => running.close());

const expressArn =
  /^arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:[^:]+:[^:]+$/;
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const onboard = (body: unknown) => post(`${running.url}${syncPath}`, body);

test('200 comes with the output of the workflow, which has saved and announced the user', async () => {
  const response = await onboard(onboardingRequest('user-1'));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const body = syncResponseSchema.loose().parse(await response.json());
  expect(body).toEqual({
    status: 'SUCCEEDED',
    executionArn: expect.stringMatching(expressArn),
    output: expect.any(String),
    startDate: expect.stringMatching(isoDate),
    stopDate: expect.stringMatching(isoDate),
  });
  expect(Date.parse(body.stopDate)).toBeGreaterThanOrEqual(Date.parse(body.startDate));
  const output = JSON.parse(body.output);
  expect(output).toMatchObject({
    userId: 'user-1',
    referral: { campaign: 'FRIEND', number: 2025 },
  });

  const { dynamoDb, sqs, queueUrl } = running.local;
  const { Item } = await dynamoDb.send(
    new GetItemCommand({
      TableName: tables.UsersTable.name,
      Key: { PK: { S: 'user-1' }, SK: { S: 'PROFILE' } },
    }),
  );
  expect(Item).toMatchObject({
    email: { S: 'api-gateway@example.com' },
    metadata: { M: { country: { S: 'US' } } },
  });
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages).toHaveLength(1);
  expect(Messages?.[0]?.MessageId).toBe(output.messageId);
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual({
    type: 'UserOnboarded',
    userId: 'user-1',
    signupDate: '2025-11-10T10:30:00Z',
    createdDate: output.createdDate,
  });
});

test('400 with the error and cause when the workflow fails', async () => {
  const request = onboardingRequest('user-2');
  request.user.metadata.referralCode = '2025';
  const response = await onboard(request);
  expect(response.status).toBe(400);
  expect(await problemIn(response)).toEqual({
    type: '/problems/workflow-failed',
    title: 'Workflow failed',
    status: 400,
    detail: 'The workflow failed. See error and cause.',
    instance: expect.any(String),
    error: 'InvalidReferralCode',
    cause: 'The referral code must be letters followed by digits, for example FRIEND2025.',
    executionStatus: 'FAILED',
    executionArn: expect.stringMatching(expressArn),
  });
});

test('400 with TIMED_OUT when the workflow runs out of time', async () => {
  const { aws, createStateMachine } = running.local;
  const app = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: aws.workflowArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: await createStateMachine('slow', waitAnHour, 'EXPRESS'),
  });
  const waiting = post(`${app.url}${syncPath}`, onboardingRequest());
  await clock.sleepOf(3_600_000);
  clock.advance(300_000);
  const response = await waiting;
  expect(response.status).toBe(400);
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/workflow-failed',
    detail: 'The workflow timed out.',
    executionStatus: 'TIMED_OUT',
  });
  await app.close();
});

test('a user without a referral is onboarded', async () => {
  const { user } = onboardingRequest('user-3');
  const response = await onboard({ user: { ...user, metadata: undefined } });
  expect(response.status).toBe(200);
  const { output } = syncResponseSchema.parse(await response.json());
  expect(JSON.parse(output)).toMatchObject({ referral: null });
});

test.each(['"key"', 'key', '', '"'])(
  'without a status table, Idempotency-Key %j gets 400 and nothing is started',
  async (key) => {
    const response = await post(`${running.url}${syncPath}`, onboardingRequest('user-9'), {
      'idempotency-key': key,
    });
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      type: '/problems/idempotency-key-not-supported',
      detail: expect.stringContaining('POST /process-user-onboarding'),
    });
    const { Item } = await running.local.dynamoDb.send(
      new GetItemCommand({
        TableName: tables.UsersTable.name,
        Key: { PK: { S: 'user-9' }, SK: { S: 'PROFILE' } },
      }),
    );
    expect(Item).toBeUndefined();
  },
);
