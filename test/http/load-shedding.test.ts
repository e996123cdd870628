import { expect, test, vi } from 'vitest';
import { startApp } from '../support/app.ts';
import { problemIn } from '../support/requests.ts';
import { closeAfterwards } from '../support/start-behind.ts';

test('an overloaded process turns requests away, but not probes', async () => {
  // Any event loop is later than this.
  const app = await startApp('http://127.0.0.1:1', {
    MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0.000001',
  });
  closeAfterwards(app);
  const { url } = app;
  const refused = await vi.waitFor(
    async () => {
      const answer = await fetch(`${url}/onboarding-status/not-an-arn`);
      expect(answer.status).toBe(503);
      return answer;
    },
    { timeout: 5000 },
  );
  expect(refused.headers.get('retry-after')).toBe('2');
  expect((await problemIn(refused)).type).toBe('/problems/overloaded');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});
