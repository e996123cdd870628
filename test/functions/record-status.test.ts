import { describe, expect, test, vi } from 'vitest';
import { executionOf, startDate, stopDate } from '../status-table/harness.ts';
import { executionArnOf, standardArn } from '../support/step-functions-stub/executions.ts';
import { awsError } from '../support/step-functions-stub/faults.ts';
import { startAround } from './start-function.ts';
import { statusChangeEvent } from './status-change-event.ts';

async function startFunction(options?: Parameters<typeof startAround>[0]) {
  const around = await startAround(options);
  const { handler } = await import('../../src/functions/record-status.ts');
  return { handler, ...around };
}

const succeeded = {
  status: 'SUCCEEDED',
  stopDate: stopDate.getTime(),
  output: '{"done":true}',
  outputDetails: { included: true },
};
const failed = { status: 'FAILED', stopDate: stopDate.getTime(), error: 'E', cause: 'why' };

describe('the handler records', () => {
  test('the start of an execution, with its user', async () => {
    const { handler, item, stored } = await startFunction();
    await handler(statusChangeEvent('a'));
    expect(await stored('a')).toEqual(executionOf('a', { redriveCount: 0 }));
    expect((await item(executionArnOf('a')))?.trackingId).toEqual({ S: 'user-88888' });
  });

  test.each([
    ['SUCCEEDED', succeeded, { output: '{"done":true}' }],
    ['FAILED', failed, { error: 'E', cause: 'why' }],
    ['TIMED_OUT', { ...failed, status: 'TIMED_OUT', error: null, cause: null }, {}],
    ['ABORTED', { ...failed, status: 'ABORTED', cause: undefined }, { error: 'E' }],
  ] as const)('the end %s', async (status, detail, members) => {
    const { handler, stored, describes } = await startFunction();
    await handler(statusChangeEvent('a', detail));
    const end = { status, stopDate, redriveCount: 0, ...members };
    expect(await stored('a')).toEqual(executionOf('a', end));
    expect(describes()).toBe(0);
  });

  test('a repeated event without an error', async () => {
    const { handler, stored } = await startFunction();
    await handler(statusChangeEvent('a', succeeded));
    await handler(statusChangeEvent('a', succeeded));
    expect(await stored('a')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('nothing that is older than the recorded end', async () => {
    const { handler, stored } = await startFunction();
    await handler(statusChangeEvent('a', failed));
    await handler(statusChangeEvent('a'));
    expect(await stored('a')).toMatchObject({ status: 'FAILED', stopDate });
  });

  test('a redrive and its end in any order', async () => {
    const { handler, stored } = await startFunction();
    await handler(statusChangeEvent('a', { redriveCount: 1, redriveDate: 1_767_323_046_000 }));
    await handler(statusChangeEvent('a', failed));
    expect(await stored('a')).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
    await handler(statusChangeEvent('a', { ...succeeded, redriveCount: 1 }));
    await handler(statusChangeEvent('a', { redriveCount: 1 }));
    expect(await stored('a')).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  });

  test('an execution with any input, without a user if the input has none', async () => {
    const { handler, stored, item } = await startFunction();
    const inputs = [
      '',
      'null',
      '[]',
      '{"user":7}',
      '{"user":{"userId":""}}',
      '{"user":{"userId":{}}}',
    ];
    for (const input of [...inputs, JSON.stringify({ user: { userId: '€'.repeat(700) } })]) {
      await handler(statusChangeEvent('a', { input }));
      expect((await item(executionArnOf('a')))?.trackingId, input).toBeUndefined();
    }
    expect(await stored('a')).toMatchObject({ status: 'RUNNING', startDate });
  });
});

describe('an event without its data', () => {
  const withoutOutput = { ...succeeded, output: null, outputDetails: { included: false } };
  const input = JSON.stringify({ user: { userId: 'user-1' } });

  test.each([
    ['output', withoutOutput],
    ['input', { ...succeeded, input: null, inputDetails: { included: false } }],
    ['output and outputDetails', { ...succeeded, output: null }],
  ])('is completed by DescribeExecution if it lacks the %s', async (_, detail) => {
    const { handler, stored, item, start, describes } = await startFunction({
      executionMilliseconds: 0,
    });
    await start('a', input);
    await handler(statusChangeEvent('a', detail));
    expect(await stored('a')).toMatchObject({ status: 'SUCCEEDED', output: input });
    expect((await item(executionArnOf('a')))?.trackingId).toEqual({ S: 'user-1' });
    expect(describes()).toBe(1);
  });

  test.each([
    ['is RUNNING', undefined],
    ['does not exist yet', () => awsError('ExecutionDoesNotExist')],
    ['may not be described', () => awsError('AccessDeniedException')],
  ] as const)('rejects, so that it is retried, if the execution %s', async (_, script) => {
    const { handler, stored, start, lines } = await startFunction({
      script: ({ operation }) => (operation === 'DescribeExecution' ? script?.() : undefined),
    });
    await start('a', input);
    await expect(handler(statusChangeEvent('a', withoutOutput))).rejects.toMatchObject({
      name: 'StepFunctionsError',
    });
    expect(await stored('a')).toBeUndefined();
    expect(lines).toHaveLength(1);
  });
});

test.each([
  ['undefined', undefined],
  ['a string', 'event'],
  ['an event of another source', { ...statusChangeEvent('a'), source: 'aws.ec2' }],
  ['an event of another type', { ...statusChangeEvent('a'), 'detail-type': 'Something else' }],
  ['an event without detail', { ...statusChangeEvent('a'), detail: undefined }],
  ['an unknown status', statusChangeEvent('a', { status: 'jane@example.com' })],
  ['an event without an ARN', statusChangeEvent('a', { executionArn: undefined })],
  ['a date that is not a number', statusChangeEvent('a', { startDate: '2026-01-02T03:04:05Z' })],
  [
    'an output that is not a string',
    statusChangeEvent('a', { output: { secret: 'jane@example.com' } }),
  ],
])('%s is refused as malformed, without its values in the error', async (_, event) => {
  const { handler, stored, lines } = await startFunction();
  const refusal = expect.objectContaining({
    name: 'InvalidStatusChange',
    message: expect.not.stringContaining('jane'),
  });
  await expect(handler(event)).rejects.toEqual(refusal);
  expect(lines.join()).not.toContain('jane');
  expect(await stored('a')).toBeUndefined();
});

test('an event of another state machine is ignored', async () => {
  const { handler, stored, lines } = await startFunction();
  await handler(statusChangeEvent('a', { stateMachineArn: `${standardArn}-2` }));
  expect(await stored('a')).toBeUndefined();
  expect(lines).toEqual([expect.stringContaining('another state machine')]);
});

test.each([undefined, 'no ARN'])(
  'rejects with STEP_FUNCTIONS_WORKFLOW_ARN=%s and without STATUS_TABLE, and names both',
  async (arn) => {
    const { handler } = await startFunction();
    vi.stubEnv('STATUS_TABLE', undefined);
    vi.stubEnv('STEP_FUNCTIONS_WORKFLOW_ARN', arn);
    await expect(handler(statusChangeEvent('a'))).rejects.toThrow(
      'STATUS_TABLE, STEP_FUNCTIONS_WORKFLOW_ARN',
    );
  },
);
