import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { problemIn } from '../support/requests.ts';

let running: AppOnLocalAws;
beforeAll(async () => {
  running = await startAppOnLocalAws();
});
afterAll(() => running.close());

test('the process is live, and ready when both state machines exist', async () => {
  for (const [path, status] of Object.entries({ live: 'live', ready: 'ready' })) {
    const response = await fetch(`${running.url}/health/${path}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status });
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
    'STEP_FUNCTIONS_WORKFLOW_ARN: The type of the state machine is Express. Set it to the ARN of a state machine of type Standard.',
  ],
  [
    'the Express ARN is of a Standard state machine',
    async () => ({
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: await running.local.createStateMachine('another', {
        Pass: { Type: 'Pass', End: true },
      }),
    }),
    'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: The type of the state machine is Standard. Set it to the ARN of a state machine of type Express.',
  ],
  [
    'the Standard state machine does not exist',
    () => ({ STEP_FUNCTIONS_WORKFLOW_ARN: missing }),
    'STEP_FUNCTIONS_WORKFLOW_ARN: The state machine does not exist, or this process lacks the permission to describe it. The log has the cause.',
  ],
  [
    'the Express state machine does not exist',
    () => ({ STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: missing }),
    'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: The state machine does not exist, or this process lacks the permission to describe it. The log has the cause.',
  ],
])(
  'the process is not ready when %s, and the response says so',
  async (_when, settings, detail) => {
    const app = await running.startAnother(await settings());
    const response = await fetch(`${app.url}/health/ready`);
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await problemIn(response)).toMatchObject({
      type: '/problems/not-ready',
      status: 503,
      detail,
    });
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    expect(app.log).toContainEqual(
      expect.objectContaining({
        level: 50,
        problem: 'not-ready',
        reason: detail,
        err: expect.anything(),
      }),
    );
    await app.close();
  },
);

test('the log has the cause that the response leaves out', async () => {
  const app = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: missing });
  await fetch(`${app.url}/health/ready`);
  expect(app.log.at(-1)).toMatchObject({
    level: 50,
    route: '/health/ready',
    problem: 'not-ready',
    reason: expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN: /),
    err: { name: 'StateMachineDoesNotExist', resource: missing },
  });
  await app.close();
});

test('the process is not ready when Step Functions cannot be reached', async () => {
  const app = await startApp('http://127.0.0.1:1');
  const problem = await problemIn(await fetch(`${app.url}/health/ready`));
  expect(problem.detail).toBe('STEP_FUNCTIONS_WORKFLOW_ARN: Step Functions is unavailable.');
  await app.close();
});
