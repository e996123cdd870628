import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepsResponseSchema } from '../../src/onboarding/responses.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { startOnboarding } from '../support/requests.ts';

let running: AppOnLocalAws;
beforeAll(async () => {
  running = await startAppOnLocalAws();
});
afterAll(() => running.close());

const read = (arn: string, url = running.url) => fetch(`${url}/onboarding-status/${arn}/steps`);

test('the steps are the states of the execution in order of entry, without their data', async () => {
  const arn = await startOnboarding(running.url);
  await fetch(`${running.url}/onboarding-status/${arn}`, { headers: { prefer: 'wait=60' } });
  const response = await read(arn);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const text = await response.text();
  const { status, steps } = stepsResponseSchema.parse(JSON.parse(text));
  expect(status).toBe('SUCCEEDED');
  const summary = steps.map((step) => [step.name, step.type, step.status, step.attempts]);
  expect(summary.slice(0, 2)).toEqual([
    ['CheckInput', 'Choice', 'SUCCEEDED', 1],
    ['SaveUser', 'Task', 'SUCCEEDED', 1],
  ]);
  expect(text).not.toContain('api-gateway@example.com');
  expect(text).not.toContain('FRIEND2025');
});

test('the iterations of a Map are numbered, and the Map has their count', async () => {
  const one = { Type: 'Pass', End: true };
  const workflow = await running.local.createStateMachine('mapped', {
    Each: {
      Type: 'Map',
      Items: [1, 2, 3],
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'One', States: { One: one } },
      Next: 'Rest',
    },
    Rest: { Type: 'Wait', Seconds: 3600, End: true },
  });
  const app = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: workflow });
  const arn = await startOnboarding(app.url);
  const stepsNow = async () => stepsResponseSchema.parse(await (await read(arn, app.url)).json());
  await expect.poll(async () => (await stepsNow()).steps.length).toBe(5);
  const { status, steps } = await stepsNow();
  expect(status).toBe('RUNNING');
  const [map, ...others] = steps;
  expect(map).toMatchObject({ name: 'Each', status: 'SUCCEEDED', iterations: 3 });
  expect(others.map(({ name, within, iteration }) => [name, within, iteration])).toEqual([
    ['One', map?.id, 0],
    ['One', map?.id, 1],
    ['One', map?.id, 2],
    ['Rest', undefined, undefined],
  ]);
  await running.local.stepFunctions.send(new StopExecutionCommand({ executionArn: arn }));
  await app.close();
});
