import { expect, test, vi } from 'vitest';
import { problemIn } from '../support/requests.ts';
import { startUnconnected } from '../support/start-behind.ts';

test('an overloaded process responds 503 to requests, but not to health probes', async () => {
  // Every event loop exceeds this delay.
  const { url } = await startUnconnected({ MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0.000001' });
  const refused = await vi.waitFor(
    async () => {
      const response = await fetch(`${url}/onboarding-status/not-an-arn`);
      expect(response.status).toBe(503);
      return response;
    },
    { timeout: 5000 },
  );
  expect(refused.headers.get('retry-after')).toBe('2');
  expect((await problemIn(refused)).type).toBe('/problems/overloaded');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});
