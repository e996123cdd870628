import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitAnHour } from './local-aws/local-aws-clients.ts';
import { onboardingRequest } from './support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from './support/app-on-local-aws.ts';
import { post, startPath } from './support/requests.ts';

let running: AppOnLocalAws;

beforeAll(async () => {
  running = await startAppOnLocalAws();
});

afterAll(() => running.close());

test('a stopping process answers those who wait for the end of an execution', async () => {
  const slow = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: await running.local.createStateMachine('slow', waitAnHour),
  });
  const started = await post(slow.url + startPath, onboardingRequest());
  const waiting = once(slow.app.server, 'request');
  const answer = fetch(slow.url + started.headers.get('location'), {
    headers: { prefer: 'wait=60' },
  });
  await waiting;

  await slow.close();

  expect(await (await answer).json()).toMatchObject({ status: 'RUNNING' });
});
