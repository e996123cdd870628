import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lambdaIntegrations } from '../../src/local-aws/integrations/lambda.ts';
import { loadFunctions } from '../../src/local-aws/load-functions.ts';
import {
  type Json,
  StatesError,
  type TaskIntegration,
} from '../../src/local-aws/states-language/execution.ts';
import { eventTypes, execute, startTime } from '../local-aws/states-language/execute.ts';
import { functionArn, queueUrl, workflowDefinition } from '../support/workflow.ts';

const definition = workflowDefinition();

const user = {
  userId: 'user-88888',
  email: 'user@example.com',
  name: 'A User',
  signupDate: '2025-11-10T10:30:00Z',
  source: 'web',
  metadata: { referralCode: 'FRIEND2025', visits: 3, newsletter: true, note: null },
};

/** The resource that each Task of the workflow calls. */
const resources = {
  SaveUser: 'user-onboarding',
  ApplyReferral: functionArn('user-onboarding-apply-referral'),
  AnnounceUser: queueUrl('user-onboarded'),
};
type TaskName = keyof typeof resources;

const integrations = new Map<string, TaskIntegration>([
  ['dynamodb:putItem', async () => ({})],
  ['sqs:sendMessage', async () => ({ MessageId: 'message-1' })],
  ...lambdaIntegrations(await loadFunctions()),
]);

/**
 * Returns services whose calls all succeed, and a record of the calls.
 *
 * @param before awaited before each call of `task`; it may throw to make the call fail
 */
function services(task?: TaskName, before: () => Promise<void> = async () => {}) {
  const calls: [string, Json][] = [];
  const tasks = Object.fromEntries(
    [...integrations].map(([name, integration]): [string, TaskIntegration] => [
      name,
      async (taskArguments, signal, log) => {
        calls.push([name, taskArguments]);
        const called = Object.values(Object(taskArguments));
        if (task && called.includes(resources[task])) await before();
        return integration(taskArguments, signal, log);
      },
    ]),
  );
  return { calls, tasks };
}

/** Whether a call is of one of the Tasks above, whatever else the workflow calls. */
function isOfTask([, taskArguments]: [string, Json]): boolean {
  const called = Object.values(Object(taskArguments));
  return Object.values(resources).some((resource) => called.includes(resource));
}

describe('the onboarding workflow', () => {
  test('costs the state transitions that src/deploy/README.md counts', async () => {
    const { events } = await execute(definition, { input: { user }, tasks: services().tasks });
    const entered = eventTypes(events).filter((type) => type.endsWith('StateEntered')).length;
    expect(entered).toBeGreaterThan(0);
    // One to enter each state, and one to end.
    const costs = readFileSync(new URL('../../src/deploy/README.md', import.meta.url), 'utf8');
    expect(costs).toContain(`Step Functions: ${entered + 1} transitions × $0.000025;`);
  });

  test('saves the user, applies the referral and announces the user', async () => {
    const { calls, tasks } = services();
    const { outcome } = await execute(definition, { input: { user }, tasks });
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        userId: 'user-88888',
        createdDate: startTime,
        referral: { campaign: 'FRIEND', number: 2025 },
        messageId: 'message-1',
      },
    });
    const expected: [string, Json][] = [
      [
        'dynamodb:putItem',
        {
          TableName: 'user-onboarding',
          Item: {
            PK: { S: 'user-88888' },
            SK: { S: 'PROFILE' },
            createdDate: { S: startTime },
            userId: { S: 'user-88888' },
            email: { S: 'user@example.com' },
            name: { S: 'A User' },
            signupDate: { S: '2025-11-10T10:30:00Z' },
            source: { S: 'web' },
            metadata: {
              M: {
                referralCode: { S: 'FRIEND2025' },
                visits: { N: '3' },
                newsletter: { BOOL: true },
                note: { NULL: true },
              },
            },
          },
        },
      ],
      [
        'lambda:invoke',
        { FunctionName: functionArn('user-onboarding-apply-referral'), Payload: { user } },
      ],
      [
        'sqs:sendMessage',
        {
          QueueUrl: queueUrl('user-onboarded'),
          MessageBody: JSON.stringify({
            type: 'UserOnboarded',
            userId: 'user-88888',
            signupDate: '2025-11-10T10:30:00Z',
            createdDate: startTime,
          }),
        },
      ],
    ];
    expect(calls.filter(isOfTask)).toEqual(expected);
  });

  test.each<[Json]>([
    [{ userId: 'u' }],
    [{ userId: 'u', metadata: {} }],
    [{ userId: 'u', metadata: null }],
    [{ userId: 'u', name: null, metadata: { country: null } }],
  ])('requires only a userId and accepts the user %j', async (sparse) => {
    const { tasks } = services();
    const { outcome } = await execute(definition, { input: { user: sparse }, tasks });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { userId: 'u' } });
  });

  test.each<[Json]>([
    [{}],
    [[]],
    [null],
    ['text'],
    [{ user: null }],
    [{ user: {} }],
    [{ user: { userId: 7 } }],
    [{ user: { userId: ' ' } }],
    [{ user: [{ userId: 'a' }, { userId: 'b' }] }],
    [{ user: [{ userId: 'a', metadata: { referralCode: 'bad' } }] }],
    [[{ user: { userId: 'a' } }]],
    [{ user: { userId: 'a', email: ['b'] } }],
    [{ user: { userId: 'a', address: { city: 'b' } } }],
    [{ user: { userId: 'a', metadata: [] } }],
    [{ user: { userId: 'a', metadata: [{ plan: 'b' }] } }],
    [{ user: { userId: 'a', metadata: 'text' } }],
    [{ user: { userId: 'a', metadata: { tags: [] } } }],
    [{ user: { userId: 'a', metadata: { tags: ['a'] } } }],
    [{ user: { userId: 'a', metadata: { plan: {} } } }],
  ])('refuses the input %j before it calls a service', async (input) => {
    const { calls, tasks } = services();
    const { outcome } = await execute(definition, { input, tasks });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidOnboardingInput' });
    expect(calls).toEqual([]);
  });

  test('fails with the function’s error message if the referral is refused, without a retry', async () => {
    const cause = JSON.stringify({
      errorType: 'InvalidReferralCode',
      errorMessage: 'Not a code.',
      trace: [],
    });
    const { calls, tasks } = services('ApplyReferral', async () => {
      throw new StatesError('InvalidReferralCode', cause);
    });
    const { outcome, events } = await execute(definition, { input: { user }, tasks });
    expect(outcome).toEqual({
      status: 'FAILED',
      error: 'InvalidReferralCode',
      cause: 'Not a code.',
    });
    expect(calls.map(([name]) => name)).toEqual(['dynamodb:putItem', 'lambda:invoke']);
    expect(eventTypes(events).slice(-3)).toEqual([
      'TaskStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });
});

const sparse = { userId: 'user-88888' };

const retried: Record<TaskName, string[]> = {
  SaveUser: [
    'DynamoDB.InternalServerErrorException',
    'DynamoDB.ProvisionedThroughputExceededException',
    'DynamoDB.RequestLimitExceededException',
    'DynamoDB.ThrottlingException',
    'DynamoDB.SdkClientException',
    'States.Timeout',
  ],
  ApplyReferral: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    // A function that timed out or ran out of memory.
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'States.Timeout',
  ],
  AnnounceUser: [
    'SQS.AmazonSQSException',
    'SQS.RequestThrottledException',
    'SQS.SdkClientException',
    'States.Timeout',
  ],
};

describe.each<TaskName>(['SaveUser', 'ApplyReferral', 'AnnounceUser'])('%s', (task) => {
  test.each(retried[task])('retries four times with jitter after %s', async (error) => {
    const failing = async (times: number) => {
      let calls = 0;
      const { tasks } = services(task, async () => {
        if (calls++ < times) throw new StatesError(error, 'later');
      });
      return execute(definition, { input: { user: sparse }, tasks, random: () => 0.5 });
    };
    const recovered = await failing(4);
    expect(recovered.outcome).toMatchObject({ status: 'SUCCEEDED' });
    // The other sleeps are the timeouts of the Tasks.
    const delays = recovered.sleeps.filter((seconds) => seconds < 10);
    expect(delays).toEqual([0.5, 1, 2, 4]);
    expect((await failing(5)).outcome).toMatchObject({ status: 'FAILED', error });
  });
});

test.each<[TaskName, number]>([
  ['SaveUser', 10],
  // Longer than the function's own timeout, so that a hanging function fails with its own error.
  ['ApplyReferral', 30],
  ['AnnounceUser', 10],
])('every attempt of %s times out after %i s', async (task, seconds) => {
  const { tasks } = services(task, () => new Promise(() => {}));
  const { outcome, elapsed } = await execute(definition, {
    input: { user: sparse },
    tasks,
    random: () => 0,
  });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect(elapsed).toBe(5 * seconds);
});

test('empty metadata is saved as an empty map', async () => {
  const { calls, tasks } = services();
  await execute(definition, { input: { user: { ...sparse, metadata: {} } }, tasks });
  const [resource, saved] = calls[0] ?? [];
  expect(resource).toBe('dynamodb:putItem');
  expect(Object(saved).Item.metadata).toEqual({ M: {} });
});
