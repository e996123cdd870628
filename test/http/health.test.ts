import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { problemIn } from '../support/requests.ts';

let running: AppOnLocalAws;
beforeAll(async () => {
  running = await startAppOnLocalAws();
});
afterAll(() => running.close());

test('the process is live, and ready where both state machines are there', async () => {
  for (const [path, status] of Object.entries({ live: 'live', ready: 'ready' })) {
    const answer = await fetch(`${running.url}/health/${path}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status });
  }
});

const missing = 'arn:aws:states:us-east-1:123456789012:stateMachine:missing';

test.each([
  [
    'the ARNs are swapped',
    () => ({
      STEP_FUNCTIONS_WORKFLOW_ARN: running.local.aws.expressWorkflowArn,
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: running.local.aws.workflowArn,
    }),
    'The Standard state machine is of the other type.',
  ],
  [
    'the Express one is a Standard one',
    async () => ({
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: await running.local.createStateMachine('another', {
        Pass: { Type: 'Pass', End: true },
      }),
    }),
    'The Express state machine is of the other type.',
  ],
  [
    'the Standard one does not exist',
    () => ({ STEP_FUNCTIONS_WORKFLOW_ARN: missing }),
    'The Standard state machine does not exist, or this process may not describe it. Its log says which.',
  ],
  [
    'the Express one does not exist',
    () => ({ STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: missing }),
    'The Express state machine does not exist, or this process may not describe it. Its log says which.',
  ],
])('the process is not ready where %s, and says so', async (_what, settings, detail) => {
  const app = await running.startAnother(await settings());
  const answer = await fetch(`${app.url}/health/ready`);
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(await problemIn(answer)).toMatchObject({
    type: '/problems/not-ready',
    status: 503,
    detail,
  });
  expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  await app.close();
});

test('the log has the cause that the answer leaves out', async () => {
  const app = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: missing });
  await fetch(`${app.url}/health/ready`);
  expect(app.log.at(-1)).toMatchObject({
    level: 50,
    route: '/health/ready',
    problem: 'not-ready',
    err: { name: 'StateMachineDoesNotExist', message: expect.stringContaining(missing) },
  });
  await app.close();
});

test('the process is not ready where Step Functions cannot be reached', async () => {
  const app = await startApp('http://127.0.0.1:1');
  const problem = await problemIn(await fetch(`${app.url}/health/ready`));
  expect(problem.detail).toBe(
    'The Standard state machine cannot be described: Step Functions cannot be reached.',
  );
  await app.close();
});
