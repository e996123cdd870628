import { expect, test, vi } from 'vitest';
import { callRoute } from '../support/call-route.ts';
import { startBehind } from '../support/start-behind.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import { awsError, stall } from '../support/step-functions-stub/faults.ts';
import { internal } from './table.ts';

test('an execution that this process started is RUNNING before DescribeExecution knows it', async () => {
  const { url } = await startBehind({
    script: ({ operation }) =>
      operation === 'DescribeExecution' ? awsError('ExecutionDoesNotExist') : undefined,
  });
  const { executionArn } = JSON.parse((await callRoute(url, 'start')).text);
  const status = await fetch(`${url}/onboarding-status/${executionArn}`);
  expect(await status.json()).toMatchObject({ status: 'RUNNING', executionArn });
});

test('a caller that disconnects no longer counts as waiting', async () => {
  const { app, url } = await startBehind({});
  const { text } = await callRoute(url, 'start');
  const caller = new AbortController();
  const waiting = async () =>
    /^status_held_callers (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  const gone = fetch(`${url}/onboarding-status/${JSON.parse(text).executionArn}`, {
    headers: { prefer: 'wait=60' },
    signal: caller.signal,
  });
  await vi.waitFor(async () => expect(await waiting()).toBe('1'), { timeout: 20_000 });
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  await vi.waitFor(async () => expect(await waiting()).toBe('0'), { timeout: 20_000 });
  await vi.waitFor(() =>
    expect(app.log.filter(({ abandonedByCaller }) => abandonedByCaller)).toMatchObject([
      { problem: 'caller-gone' },
    ]),
  );
});

test('closing the app aborts its calls to Step Functions', async () => {
  const { stub, app, url } = await startBehind(
    { script: () => stall },
    { STEP_FUNCTIONS_TIMEOUT_SECONDS: '60' },
  );
  const underWay = (calls: number) =>
    vi.waitFor(() => expect(stub.underWay()).toBe(calls), { timeout: 4000 });
  const caller = new AbortController();
  const gone = callRoute(url, 'status', { signal: caller.signal });
  await underWay(1);
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  await app.close();
  await underWay(0);
});

test('several refused DescribeExecution calls are logged as one warning, without what AWS said', async () => {
  const { app, url } = await startBehind({
    script: ({ operation }) =>
      operation === 'DescribeExecution' ? awsError('AccessDeniedException', internal) : undefined,
  });
  const responses = await Promise.all(
    ['b', 'c'].map((name) => fetch(`${url}/onboarding-status/${executionArnOf(name)}`)),
  );
  expect(responses.map(({ status }) => status)).toEqual([502, 502]);
  expect(app.log.filter(({ level }) => level === 40)).toMatchObject([
    {
      msg: expect.stringContaining('DescribeExecution failed'),
      err: { failure: 'misconfigured', name: 'AccessDeniedException' },
    },
  ]);
});
