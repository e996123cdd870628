import { expect, test, vi } from 'vitest';
import { openSocket } from '../support/raw-http.ts';
import { startOnboarding } from '../support/requests.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

test('SIGTERM ends all streams, none delays the exit, and nothing is logged as an error', async () => {
  const stub = await startStepFunctionsStub();
  closeAfterwards(stub);
  const service = await startServiceProcess(stub.url, { SHUTDOWN_GRACE_SECONDS: '20' });
  const path = `/onboarding-status/${await startOnboarding(service.url)}`;
  const headers = { accept: 'text/event-stream' };
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${service.url}${path}?steps=true`, { headers })),
  );
  const gone = openSocket(service.url);
  gone.write(`GET ${path} HTTP/1.1\r\nHost: example.com\r\nAccept: text/event-stream\r\n\r\n`);
  await new Promise((resolve) => gone.once('readable', resolve));
  gone.destroy();
  const left = () => service.lines.some(({ abandonedByCaller }) => abandonedByCaller === true);
  await vi.waitFor(() => expect(left()).toBe(true));
  const texts = streams.map((response) => response.text());
  service.child.kill('SIGTERM');
  for (const text of await Promise.all(texts)) {
    expect(text).toMatch(/^retry: \d+\n\nevent: status\n/);
    expect(text).toMatch(/\n\nretry: \d+\n\n$/);
  }
  expect(await service.exited).toBe(0);
  expect(service.lines.filter(({ level }) => level > 40)).toEqual([]);
}, 60_000);
