import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { problemIn } from '../support/requests.ts';
import { startServiceProcess } from '../support/service-process.ts';

const nowhere = 'http://127.0.0.1:1';
/** Keeps the event loop busy, for 50 ms at a time. */
const busyLoop = `
  setInterval(() => {
    const until = performance.now() + 50;
    while (performance.now() < until);
  }, 1);
`;

test('an overloaded process responds 503 to requests, but not to health probes and scrapes', async () => {
  const settings = { MAX_EVENT_LOOP_DELAY_MILLISECONDS: '10' };
  const { url } = await startServiceProcess(nowhere, settings, busyLoop);
  const refused = await vi.waitFor(
    async () => {
      const response = await fetch(`${url}/onboarding-status/not-an-arn`);
      expect(response.status).toBe(503);
      return response;
    },
    { timeout: 30_000 },
  );
  expect(refused.headers.get('retry-after')).toBe('2');
  expect((await problemIn(refused)).type).toBe('/problems/overloaded');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  // By default, the route requires a scope if authentication is on.
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

test('load is shed even while the process has no free file descriptor', async () => {
  // On Linux, process.memoryUsage opens a file.
  const noDescriptor = `process.memoryUsage = () => { throw new Error('EMFILE'); };`;
  const settings = { MAX_EVENT_LOOP_DELAY_MILLISECONDS: '10' };
  const { url } = await startServiceProcess(nowhere, settings, noDescriptor + busyLoop);
  await vi.waitFor(
    async () => expect((await fetch(`${url}/onboarding-status/not-an-arn`)).status).toBe(503),
    { timeout: 30_000 },
  );
});

test('a process that was paused serves the requests after it', async () => {
  const { url, child } = await startServiceProcess(nowhere, {
    MAX_EVENT_LOOP_DELAY_MILLISECONDS: '100',
  });
  const status = async () => (await fetch(`${url}/onboarding-status/not-an-arn`)).status;
  // Starting is work: the intervals until then may be busy.
  await setTimeout(1000);
  await vi.waitFor(async () => expect(await status()).toBe(400), { timeout: 30_000 });
  // For the process to be idle as it is paused.
  await setTimeout(500);
  child.kill('SIGSTOP');
  // Longer than the limit by more than the samples of an interval, which the delay is averaged over.
  await setTimeout(4000);
  child.kill('SIGCONT');
  for (let request = 0; request < 20; request += 1) expect(await status()).toBe(400);
});
