import { afterEach, expect, test, vi } from 'vitest';
import { awsError } from '../support/step-functions-stub/faults.ts';
import { startAround } from './start-function.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function startFunction(options?: Parameters<typeof startAround>[0]) {
  const { lines, ...around } = await startAround(options);
  const { handler } = await import('../../src/functions/reconcile-statuses.ts');
  return { handler, lines: () => lines.map((line) => JSON.parse(line)), ...around };
}

test('recovers lost events, and logs their number as a CloudWatch metric', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { handler, lines, stored, start } = await startFunction({ executionMilliseconds: 1000 });
  await start('a');
  vi.setSystemTime(Date.now() + 120_000);
  await handler();
  expect(await stored('a')).toMatchObject({ status: 'SUCCEEDED' });
  const [line] = lines();
  expect(line).toMatchObject({ StateMachine: 'user-onboarding', EventsRecovered: 1 });
  const [{ Dimensions, Metrics, Namespace }] = line._aws.CloudWatchMetrics;
  expect({ Namespace, Dimensions }).toEqual({
    Namespace: 'UserOnboarding',
    Dimensions: [['StateMachine']],
  });
  expect(Metrics).toContainEqual(expect.objectContaining({ Name: 'EventsRecovered' }));
  for (const { Name } of Metrics) expect(line[Name]).toEqual(expect.any(Number));
  expect(line._aws.Timestamp).toBe(Date.now());
});

test('works where ListExecutions has no redriveFilter', async () => {
  const { handler, lines } = await startFunction({
    script: ({ members }) =>
      members.redriveFilter === undefined ? undefined : awsError('ValidationException'),
  });
  await handler();
  expect(lines()).toMatchObject([{ EventsRecovered: 0 }]);
});

test('begins nothing in the last seconds before the Lambda timeout', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { handler, lines, stored, start } = await startFunction({ executionMilliseconds: 1000 });
  await start('a');
  vi.setSystemTime(Date.now() + 120_000);
  await handler({}, { getRemainingTimeInMillis: () => 9_000 });
  expect(await stored('a')).toBeUndefined();
  expect(lines()).toMatchObject([{ EventsRecovered: 0 }]);
});

test('logs its line and rejects when ListExecutions fails, so that Lambda counts an error', async () => {
  const { handler, lines } = await startFunction({
    script: () => awsError('AccessDeniedException'),
  });
  await expect(handler()).rejects.toMatchObject({ failure: 'misconfigured' });
  expect(lines()).toMatchObject([{ EventsRecovered: 0, err: { failure: 'misconfigured' } }]);
});

test('rejects without STEP_FUNCTIONS_WORKFLOW_ARN', async () => {
  const { handler } = await startFunction();
  vi.stubEnv('STEP_FUNCTIONS_WORKFLOW_ARN', undefined);
  await expect(handler()).rejects.toThrow('STEP_FUNCTIONS_WORKFLOW_ARN');
});
