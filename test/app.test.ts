import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { waitAnHour } from './local-aws/local-aws-clients.ts';
import { onboardingRequest } from './support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from './support/app-on-local-aws.ts';
import { post, startPath } from './support/requests.ts';

let running: AppOnLocalAws;

beforeAll(async () => {
  running = await startAppOnLocalAws();
});

afterAll(() => running.close());

test('closing the app responds to waiting callers with the current status, and closes their connections', async () => {
  const slow = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: await running.local.createStateMachine('slow', waitAnHour),
  });
  const started = await post(slow.url + startPath, onboardingRequest());
  const headers = { prefer: 'wait=60' };
  const waiting = Array.from({ length: 20 }, () =>
    fetch(slow.url + started.headers.get('location'), { headers }),
  );
  const heldCallers = async () =>
    /^status_held_callers (\d+)$/m.exec(await (await fetch(`${slow.url}/metrics`)).text())?.[1];
  await vi.waitFor(async () => expect(await heldCallers()).toBe('20'), { timeout: 30_000 });

  await slow.close();

  for (const response of await Promise.all(waiting)) {
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toMatchObject({ status: 'RUNNING' });
  }
});
