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

function ask(arn: string, headers: Readonly<Record<string, string>> = {}, url = running.url) {
  return fetch(`${url}/onboarding-status/${arn}`, { headers });
}

/** Starts an execution beside the service, which so knows nothing of it. */
async function startBeside(stateMachineArn: string, name?: string, input?: string) {
  const { executionArn = '' } = await running.local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn, name, input }),
  );
  return executionArn;
}

test('an onboarding is RUNNING, and SUCCEEDED with its output at the end', async () => {
  const started = await post(`${slow.url}${startPath}`, onboardingRequest());
  const location = `${slow.url}${started.headers.get('location')}`;
  const { executionArn } = startedResponseSchema.parse(await started.json());

  const answer = await fetch(location);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    status: 'RUNNING',
    executionArn,
    startDate: new Date(clock.now()).toISOString(),
  });
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answer.headers.get('cache-control')).toBe('no-store');

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

test('Prefer: wait gives the answer as it is once the time has passed', async () => {
  const arn = await startBeside(slowWorkflow);
  const answer = await ask(arn, { prefer: 'wait=0' }, slow.url);
  expect(answer.headers.get('preference-applied')).toBe('wait=0');
  expect(await answer.json()).toMatchObject({ status: 'RUNNING' });
});

test('without Prefer: wait, or with another preference, nothing is said to be applied', async () => {
  const arn = await startBeside(slowWorkflow);
  for (const prefer of ['respond-async', 'wait=soon']) {
    const answer = await ask(arn, { prefer }, slow.url);
    expect(answer.status).toBe(200);
    expect(answer.headers.has('preference-applied')).toBe(false);
  }
});

test('a failed execution has its error and cause, an aborted one those of whoever stopped it', async () => {
  const failing = await running.local.createStateMachine('failing', fail);
  const app = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: failing });
  const failed = await ask(await startBeside(failing), {}, app.url);
  expect(await failed.json()).toMatchObject({
    status: 'FAILED',
    error: 'Refused',
    cause: 'Because.',
  });
  await app.close();

  const executionArn = await startBeside(slowWorkflow);
  await running.local.stepFunctions.send(
    new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'By hand.' }),
  );
  const aborted = await (await ask(executionArn, {}, slow.url)).json();
  expect(aborted).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'By hand.' });
});

describe('an ARN of ours', () => {
  test.each([
    ['80 plain characters', 'x'.repeat(80)],
    ['other characters than ASCII', 'größe.(1)+2=3!@'],
    ['80 characters of three bytes', '名'.repeat(80)],
  ])('may come raw or percent-encoded, its name of %s', async (_what, name) => {
    const arn = await startBeside(running.local.aws.workflowArn, name, '{"user":{"userId":"a"}}');
    for (const sent of [arn, encodeURIComponent(arn), encodeURI(arn).replaceAll(':', '%3a')]) {
      const answer = await ask(sent);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ executionArn: arn });
    }
  });
});

describe('what cannot be seen', () => {
  /** The answer to one that could be there and is not, less what is of that request alone. */
  async function theAnswerToAMissingOne() {
    const answer = await ask(`${executionsOf}missing`);
    expect(answer.status).toBe(404);
    const { instance, ...problem } = await problemIn(answer);
    return problem;
  }

  test.each([
    ['another state machine', () => startBeside(slowWorkflow, 'elsewhere')],
    ['another Region', async () => `${executionsOf}a`.replace('us-east-1', 'eu-west-1')],
    ['another account', async () => `${executionsOf}a`.replace('123456789012', '210987654321')],
    ['another partition', async () => `${executionsOf}a`.replace('aws', 'aws-cn')],
    ['a state machine', async () => running.local.aws.workflowArn],
    ['another service', async () => 'arn:aws:lambda:us-east-1:123456789012:function:a'],
    ['250 characters', async () => executionsOf.padEnd(250, 'x')],
  ])('has the same answer as what is not there: %s', async (_what, arnOf) => {
    const missing = await theAnswerToAMissingOne();
    expect(missing.type).toBe('/problems/execution-not-found');
    const arn = await arnOf();
    for (const sent of [arn, encodeURIComponent(arn)]) {
      const answer = await ask(sent);
      expect(answer.status).toBe(404);
      const { instance, ...problem } = await problemIn(answer);
      expect(problem).toEqual(missing);
    }
  });

  test('an Express execution keeps no status, and the answer says so', async () => {
    const onboarded = await post(`${running.url}${syncPath}`, onboardingRequest());
    const { executionArn } = syncResponseSchema.parse(await onboarded.json());
    const answer = await ask(executionArn);
    expect(answer.status).toBe(404);
    const problem = await problemIn(answer);
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
])('what is not an ARN is refused as such: %j', async (text, detail) => {
  const answer = await ask(text);
  expect(answer.status).toBe(400);
  const problem = await problemIn(answer);
  expect(problem.type).toBe('/problems/invalid-execution-arn');
  expect(problem.detail.startsWith(detail)).toBe(true);
  expect(problem.detail.includes('GET /onboarding-status?trackingId=')).toBe(
    !text.startsWith('arn:'),
  );
});
