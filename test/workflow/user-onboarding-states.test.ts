import {
  DescribeStateMachineCommand,
  TestStateCommand,
  type TestStateInput,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws/local-aws-clients.ts';

// TestState runs the workflow's states one by one, with mocks of the services that they call.

let local: LocalAwsWithClients;
let definition: string | undefined;

beforeAll(async () => {
  local = await startWithClients();
  ({ definition } = await local.stepFunctions.send(
    new DescribeStateMachineCommand({ stateMachineArn: local.aws.workflowArn }),
  ));
});
afterAll(() => local.close());

const testState = (stateName: string, more: Partial<TestStateInput>) =>
  local.stepFunctions.send(
    new TestStateCommand({
      definition,
      stateName,
      input: JSON.stringify(exampleRequest),
      inspectionLevel: 'DEBUG',
      ...more,
    }),
  );

describe('CheckInput', () => {
  test('accepts the example', async () => {
    expect(await testState('CheckInput', {})).toMatchObject({ nextState: 'SaveUser' });
  });

  test.each(['{}', '{"user":{}}', '{"user":{"userId":" "}}', '{"user":{"userId":"u","a":[]}}'])(
    'refuses %s',
    async (input) => {
      const { nextState } = await testState('CheckInput', { input });
      expect(nextState).toBe('RefuseInput');
    },
  );
});

describe('SaveUser', () => {
  test('writes the user and assigns the creation date', async () => {
    const context = JSON.stringify({ Execution: { StartTime: '2025-11-10T10:30:00.000Z' } });
    const saved = await testState('SaveUser', { mock: { result: '{}' }, context });
    expect(saved).toMatchObject({ status: 'SUCCEEDED', nextState: 'ApplyReferral' });
    const { afterArguments = '{}', variables = '{}' } = saved.inspectionData ?? {};
    expect(JSON.parse(afterArguments).Item).toMatchObject({
      PK: { S: exampleRequest.user.userId },
      SK: { S: 'PROFILE' },
      createdDate: { S: '2025-11-10T10:30:00.000Z' },
    });
    expect(JSON.parse(variables)).toEqual({ createdDate: '2025-11-10T10:30:00.000Z' });
  });

  test.each(['DynamoDB.ProvisionedThroughputExceededException', 'States.Timeout'])(
    'retries after %s',
    async (error) => {
      expect(await testState('SaveUser', { mock: { errorOutput: { error } } })).toMatchObject({
        status: 'RETRIABLE',
      });
    },
  );

  test('does not retry an error that would recur', async () => {
    const error = 'DynamoDB.AmazonDynamoDBException';
    expect(await testState('SaveUser', { mock: { errorOutput: { error } } })).toMatchObject({
      status: 'FAILED',
      error,
    });
  });
});

describe('ApplyReferral', () => {
  test('assigns the referral that the function returns, and goes to AnnounceUser', async () => {
    const referral = { code: 'FRIEND2025', applied: true };
    const { nextState, inspectionData } = await testState('ApplyReferral', {
      mock: { result: JSON.stringify({ Payload: { referral }, StatusCode: 200 }) },
    });
    expect(nextState).toBe('AnnounceUser');
    expect(JSON.parse(inspectionData?.variables ?? '')).toEqual({ referral });
  });

  test('goes to RefuseReferral if the function refuses the code', async () => {
    const cause = JSON.stringify({ errorMessage: 'The referral code 2025 is not valid.' });
    const caught = await testState('ApplyReferral', {
      mock: { errorOutput: { error: 'InvalidReferralCode', cause } },
    });
    expect(caught).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'RefuseReferral' });
    expect(await testState('RefuseReferral', { input: caught.output })).toMatchObject({
      status: 'FAILED',
      error: 'InvalidReferralCode',
      cause: 'The referral code 2025 is not valid.',
    });
  });
});

test('AnnounceUser sends the UserOnboarded message and ends the workflow with a summary', async () => {
  const { status, output, nextState, inspectionData } = await testState('AnnounceUser', {
    mock: { result: '{"MessageId":"message-1"}' },
    variables: JSON.stringify({ createdDate: '2025-11-10T10:30:00.000Z', referral: null }),
  });
  expect({ status, nextState }).toEqual({ status: 'SUCCEEDED', nextState: undefined });
  expect(JSON.parse(output ?? '')).toMatchObject({
    userId: exampleRequest.user.userId,
    createdDate: '2025-11-10T10:30:00.000Z',
    messageId: 'message-1',
  });
  const { MessageBody } = JSON.parse(inspectionData?.afterArguments ?? '{}');
  expect(JSON.parse(MessageBody)).toMatchObject({
    type: 'UserOnboarded',
    userId: exampleRequest.user.userId,
  });
});
