import { expect, test, vi } from 'vitest';
import { startServiceProcess } from '../support/service-process.ts';
import { openSlowConnections } from '../support/slow-connections.ts';

const count = 500;

test('500 slow connections are cut off, and meanwhile another request gets its response', async () => {
  const { url } = await startServiceProcess('http://127.0.0.1:1', {
    REQUEST_TIMEOUT_SECONDS: '0.3',
  });
  const slow = await openSlowConnections(url, count);
  const response = await fetch(`${url}/health/live`);
  expect(response.status).toBe(200);
  await vi.waitFor(() => expect(slow.cutOff()).toBeGreaterThanOrEqual(count), { timeout: 30_000 });
  slow.stop();
}, 60_000);
