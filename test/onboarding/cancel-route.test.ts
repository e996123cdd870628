import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitAnHour } from '../local-aws/local-aws-clients.ts';
import { manualClock } from '../local-aws/manual-clock.ts';
import type { RunningApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, problemIn, startOnboarding } from '../support/requests.ts';

let running: AppOnLocalAws;
let slow: RunningApp;
beforeAll(async () => {
  running = await startAppOnLocalAws({ clock: manualClock(Date.now()) });
  const workflow = await running.local.createStateMachine('slow', waitAnHour);
  slow = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: workflow });
});
afterAll(async () => {
  await slow.close();
  await running.close();
});

const path = (arn: string) => `${slow.url}/onboarding-status/${arn}/cancel`;

test('a cancellation aborts the onboarding with its reason, and a repeated one gets the same response', async () => {
  const arn = await startOnboarding(slow.url);
  const response = await post(path(arn), { reason: 'The user withdrew.' });
  expect(response.status).toBe(200);
  const status = await response.json();
  expect(status).toMatchObject({
    status: 'ABORTED',
    executionArn: arn,
    error: 'OnboardingCancelled',
    cause: 'The user withdrew.',
    stopDate: expect.any(String),
  });
  const again = await post(path(arn), { reason: 'Another reason.' });
  expect([again.status, await again.json()]).toEqual([200, status]);
  const seen = await fetch(`${slow.url}/onboarding-status/${arn}`);
  expect(await seen.json()).toEqual(status);
});

test('a caller waiting for the end gets ABORTED after the cancellation', async () => {
  const arn = await startOnboarding(slow.url);
  const waiting = fetch(`${slow.url}/onboarding-status/${arn}`, { headers: { prefer: 'wait=60' } });
  await post(path(arn), {});
  expect(await (await waiting).json()).toMatchObject({ status: 'ABORTED' });
});

const json = { 'content-type': 'application/json' };

test.each<[string, RequestInit]>([
  ['no body', {}],
  ['no body but a Content-Type', { headers: json }],
  ['an empty object', { headers: json, body: '{}' }],
  ['null', { headers: json, body: 'null' }],
])('a cancellation with %s has no cause', async (_what, request) => {
  const arn = await startOnboarding(slow.url);
  const response = await fetch(path(arn), { method: 'POST', ...request });
  expect(response.status).toBe(200);
  expect(await response.json()).not.toHaveProperty('cause');
});

test.each([
  ['empty', ''],
  ['too long', 'x'.repeat(257)],
  ['a number', 7],
  ['not well-formed', '\ud800'],
])('a reason that is %s gets 400, and the onboarding keeps running', async (_what, reason) => {
  const arn = await startOnboarding(slow.url);
  const response = await post(path(arn), { reason });
  expect(response.status).toBe(400);
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/invalid-parameters',
    errors: [{ path: 'reason', message: expect.any(String) }],
  });
  const seen = await fetch(`${slow.url}/onboarding-status/${arn}`);
  expect(await seen.json()).toMatchObject({ status: 'RUNNING' });
});

test('a reason may have 256 characters, even if they are emoji', async () => {
  const arn = await startOnboarding(slow.url);
  const response = await post(path(arn), { reason: '👋'.repeat(256) });
  expect(response.status).toBe(200);
});

test('the cancellation of an execution that ended otherwise gets 409', async () => {
  const arn = await startOnboarding(slow.url);
  await running.local.stepFunctions.send(
    new StopExecutionCommand({ executionArn: arn, error: 'StoppedByAnOperator' }),
  );
  const response = await post(path(arn), {});
  expect(response.status).toBe(409);
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/execution-ended',
    executionStatus: 'ABORTED',
    executionArn: arn,
  });
});

test('the reason is not logged', async () => {
  const arn = await startOnboarding(slow.url);
  await post(path(arn), { reason: 'zqx-a-secret-reason' });
  expect(JSON.stringify(slow.log)).not.toContain('zqx-a-secret-reason');
  expect(JSON.stringify(slow.log)).toContain('/onboarding-status/:executionArn/cancel');
});
