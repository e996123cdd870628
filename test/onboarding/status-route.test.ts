import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startedResponseSchema, syncResponseSchema } from '../../src/onboarding/responses.ts';
import { fail, waitAnHour } from '../local-aws/local-aws-clients.ts';
import { manualClock } from '../local-aws/manual-clock.ts';
import { onboardingRequest, type RunningApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';

const clock = manualClock(Date.now());
let running: AppOnLocalAws;
/** Its workflow ends when the clock moves on by an hour. */
let slow: RunningApp;
let slowWorkflow: string;
beforeAll(async () => {
  running = await startAppOnLocalAws({ clock });
  slowWorkflow = await running.local.createStateMachine('slow', waitAnHour);
  slow = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: slowWorkflow });
});
afterAll(async () => {
  await slow.close();
  await running.close();
});

const executionsOf = 'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:';

function getStatus(arn: string, headers: Readonly<Record<string, string>> = {}, url = running.url) {
  return fetch(`${url}/onboarding-status/${arn}`, { headers });
}

/** Starts an execution directly at Step Functions, unknown to the service. */
async function startDirectly(stateMachineArn: string, name?: string, input?: string) {
  const { executionArn = '' } = await running.local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn, name, input }),
  );
  return executionArn;
}

test('an onboarding is RUNNING, and SUCCEEDED with its output at the end', async () => {
  const started = await post(`${slow.url}${startPath}`, onboardingRequest());
  const location = `${slow.url}${started.headers.get('location')}`;
  const { executionArn } = startedResponseSchema.parse(await started.json());

  const response = await fetch(location);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: 'RUNNING',
    executionArn,
    startDate: new Date(clock.now()).toISOString(),
  });
  expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(response.headers.get('cache-control')).toBe('no-store');

  const startDate = new Date(clock.now()).toISOString();
  await clock.sleepOf(3_600_000);
  clock.advance(3_600_000);
  const end = await fetch(location, { headers: { prefer: 'wait=60' } });
  expect(end.status).toBe(200);
  expect(end.headers.get('preference-applied')).toBe('wait=60');
  expect(end.headers.has('retry-after')).toBe(false);
  expect(end.headers.get('cache-control')).toBe('no-store');
  expect(await end.json()).toEqual({
    status: 'SUCCEEDED',
    output: JSON.stringify(onboardingRequest()),
    executionArn,
    startDate,
    stopDate: new Date(clock.now()).toISOString(),
  });
});

test('after the time of Prefer: wait, the response has the status as it is', async () => {
  const arn = await startDirectly(slowWorkflow);
  const response = await getStatus(arn, { prefer: 'wait=0' }, slow.url);
  expect(response.headers.get('preference-applied')).toBe('wait=0');
  expect(await response.json()).toMatchObject({ status: 'RUNNING' });
});

test('a preference other than wait is ignored, without Preference-Applied', async () => {
  const arn = await startDirectly(slowWorkflow);
  for (const prefer of ['respond-async', 'wait=soon']) {
    const response = await getStatus(arn, { prefer }, slow.url);
    expect(response.status).toBe(200);
    expect(response.headers.has('preference-applied')).toBe(false);
  }
});

test('FAILED and ABORTED have the error and cause of the execution', async () => {
  const failing = await running.local.createStateMachine('failing', fail);
  const app = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: failing });
  const failed = await getStatus(await startDirectly(failing), {}, app.url);
  expect(await failed.json()).toMatchObject({
    status: 'FAILED',
    error: 'Refused',
    cause: 'Because.',
  });
  await app.close();

  const executionArn = await startDirectly(slowWorkflow);
  await running.local.stepFunctions.send(
    new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'By hand.' }),
  );
  const aborted = await (await getStatus(executionArn, {}, slow.url)).json();
  expect(aborted).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'By hand.' });
});

test.each([
  ['80 ASCII characters', 'x'.repeat(80)],
  ['characters outside ASCII', 'größe.(1)+2=3!@'],
  ['80 characters of three bytes', '名'.repeat(80)],
])('the ARN may be sent raw or percent-encoded, with a name of %s', async (_what, name) => {
  const arn = await startDirectly(running.local.aws.workflowArn, name, '{"user":{"userId":"a"}}');
  for (const sent of [arn, encodeURIComponent(arn), encodeURI(arn).replaceAll(':', '%3a')]) {
    const response = await getStatus(sent);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ executionArn: arn });
  }
});

describe('an ARN outside the workflow', () => {
  /** The problem of an execution that does not exist, without the id of the request. */
  async function problemOfMissingExecution() {
    const response = await getStatus(`${executionsOf}missing`);
    expect(response.status).toBe(404);
    const { instance, ...problem } = await problemIn(response);
    return problem;
  }

  test.each([
    ['another state machine', () => startDirectly(slowWorkflow, 'elsewhere')],
    ['another Region', async () => `${executionsOf}a`.replace('us-east-1', 'eu-west-1')],
    ['another account', async () => `${executionsOf}a`.replace('123456789012', '210987654321')],
    ['another partition', async () => `${executionsOf}a`.replace('aws', 'aws-cn')],
    ['a state machine', async () => running.local.aws.workflowArn],
    ['another service', async () => 'arn:aws:lambda:us-east-1:123456789012:function:a'],
    ['250 characters', async () => executionsOf.padEnd(250, 'x')],
  ])('gets the same 404 as an execution that does not exist: %s', async (_what, arnOf) => {
    const missing = await problemOfMissingExecution();
    expect(missing.type).toBe('/problems/execution-not-found');
    const arn = await arnOf();
    for (const sent of [arn, encodeURIComponent(arn)]) {
      const response = await getStatus(sent);
      expect(response.status).toBe(404);
      const { instance, ...problem } = await problemIn(response);
      expect(problem).toEqual(missing);
    }
  });

  test('gets 404 that explains that Express executions keep no status', async () => {
    const onboarded = await post(`${running.url}${syncPath}`, onboardingRequest());
    const { executionArn } = syncResponseSchema.parse(await onboarded.json());
    const response = await getStatus(executionArn);
    expect(response.status).toBe(404);
    const problem = await problemIn(response);
    expect(problem.type).toBe('/problems/execution-not-found');
    expect(problem.detail).toContain('Express executions keep no status');
  });
});

test.each([
  ['user-88888', 'This is not an ARN.'],
  ['arn', 'This is not an ARN.'],
  ['%20', 'This is not an ARN.'],
  ['%00', 'This is not an ARN.'],
  ['..%2f..%2f', 'This is not an ARN.'],
  ['arn:', 'The ARN is incomplete.'],
  ['arn:aws:states', 'The ARN is incomplete.'],
  ['arn:aws:states:us-east-1:123456789012:', 'The ARN is incomplete.'],
])('%j gets 400: %s', async (text, detail) => {
  const response = await getStatus(text);
  expect(response.status).toBe(400);
  const problem = await problemIn(response);
  expect(problem.type).toBe('/problems/invalid-execution-arn');
  expect(problem.detail.startsWith(detail)).toBe(true);
  expect(problem.detail.includes('GET /onboarding-status?trackingId=')).toBe(
    !text.startsWith('arn:'),
  );
});
