import { expect, test } from 'vitest';
import { post, problemIn, startOnboarding } from '../support/requests.ts';
import { startBehind } from '../support/start-behind.ts';
import { awsError, resetAfter, resetBefore } from '../support/step-functions-stub/faults.ts';
import type { Call, StubOptions } from '../support/step-functions-stub/stub.ts';

/** The service with one started onboarding. */
async function startOne(options: StubOptions = {}) {
  const { stub, app, url } = await startBehind(options);
  const executionArn = await startOnboarding(url);
  const path = `${url}/onboarding-status/${executionArn}`;
  return {
    app,
    stub,
    cancel: (reason = 'The user withdrew.') => post(`${path}/cancel`, { reason }),
    read: async () => (await fetch(path)).json(),
  };
}

const on =
  (operation: Call['operation'], fault: typeof resetAfter, attempts = 1) =>
  (call: Call) =>
    call.operation === operation && call.attempt <= attempts ? fault : undefined;

const cancelled = { status: 'ABORTED', error: 'OnboardingCancelled', cause: 'The user withdrew.' };

test.each([
  ['StopExecution is throttled once', on('StopExecution', awsError('ThrottlingException')), 2],
  ['StopExecution is carried out but its response is lost', on('StopExecution', resetAfter), 2],
  [
    'the connection breaks before StopExecution is carried out',
    on('StopExecution', resetBefore),
    2,
  ],
  ['DescribeExecution is throttled', on('DescribeExecution', awsError('ThrottlingException')), 1],
  ['the response of DescribeExecution is lost', on('DescribeExecution', resetAfter), 1],
  [
    'DescribeExecution does not know the execution yet',
    on('DescribeExecution', awsError('ExecutionDoesNotExist'), 2),
    1,
  ],
])('the onboarding is cancelled when %s', async (_when, script, stops) => {
  const { cancel, read, stub } = await startOne({ script });
  const response = await cancel();
  expect(response.status).toBe(200);
  const status = await response.json();
  expect(status).toMatchObject(cancelled);
  expect(await read()).toEqual(status);
  expect(stub.calls('StopExecution')).toBe(stops);
});

test('a cancellation calls DescribeExecution again while it still returns RUNNING', async () => {
  const { cancel, stub } = await startOne({ staleDescriptions: 3 });
  expect(await (await cancel()).json()).toMatchObject(cancelled);
  expect(stub.calls('DescribeExecution')).toBe(4);
});

test('a cancellation responds 503 when RUNNING lasts too long, and can then be repeated', async () => {
  const { cancel } = await startOne({ staleDescriptions: 4 });
  const first = await cancel();
  expect(first.status).toBe(503);
  expect(first.headers.has('retry-after')).toBe(true);
  expect(await problemIn(first)).toMatchObject({ type: '/problems/cancellation-unconfirmed' });
  expect(await (await cancel('Another reason.')).json()).toMatchObject(cancelled);
});

test('a cancellation responds 409 when the onboarding has ended, and leaves it as it ended', async () => {
  const { cancel, read } = await startOne({ executionMilliseconds: 0 });
  const response = await cancel();
  expect(response.status).toBe(409);
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/execution-ended',
    executionStatus: 'SUCCEEDED',
  });
  expect(await read()).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['ThrottlingException', 503, 'step-functions-throttled', 3],
  ['AccessDeniedException', 502, 'step-functions-misconfigured', 1],
])('%s from every StopExecution gives %i %s', async (name, status, slug, calls) => {
  const { cancel, stub, read } = await startOne({ script: on('StopExecution', awsError(name), 9) });
  const response = await cancel();
  expect(response.status).toBe(status);
  expect(await problemIn(response)).toMatchObject({ type: `/problems/${slug}` });
  expect(stub.calls('StopExecution')).toBe(calls);
  expect(await read()).toMatchObject({ status: 'RUNNING' });
});
