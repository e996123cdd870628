import { expect, test, vi } from 'vitest';
import { startIssuer } from '../http/authentication/issuer.ts';
import { problemIn, startOnboarding } from '../support/requests.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { closeAfterwards, startBehind } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

type Headers = Readonly<Record<string, string>>;

const open = (url: string, executionArn: string, headers: Headers = {}) =>
  fetch(`${url}/onboarding-status/${executionArn}`, {
    headers: { accept: 'text/event-stream', ...headers },
  });

test('a stream ends when the access token expires; a client with a new token continues', async () => {
  const issuer = await startIssuer();
  closeAfterwards(issuer);
  const { url } = await startBehind({}, issuer.settings);
  const bearer = async (claims = {}) => ({
    authorization: `Bearer ${await issuer.token({ claims })}`,
  });
  const executionArn = await startOnboarding(url, await bearer());
  // Expired, but within the 5 s that clocks may differ by.
  const exp = Math.floor(Date.now() / 1000) - 3;
  const old = await bearer({ exp });
  const stream = await open(url, executionArn, old);
  expect(stream.status).toBe(200);
  expect(await stream.text()).toMatch(/^retry: .*\n\nevent: status\n(?:.+\n)+\nretry: \d+\n\n$/);
  const late = await open(url, executionArn, old);
  expect(late.status).toBe(401);
  expect(await problemIn(late)).toMatchObject({ type: '/problems/unauthorised' });
  const again = await open(url, executionArn, await bearer());
  expect([again.status, again.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  await again.body?.cancel();
});

test('a stream needs an access token with the scope', async () => {
  const issuer = await startIssuer();
  closeAfterwards(issuer);
  const { url } = await startBehind({}, issuer.settings);
  const arn = 'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:x';
  expect((await open(url, arn)).status).toBe(401);
  const token = await issuer.token({ claims: { scope: 'onboarding:start' } });
  expect((await open(url, arn, { authorization: `Bearer ${token}` })).status).toBe(403);
});

test('a stream counts as one request of the rate limit, however long it lasts', async () => {
  const { url } = await startBehind({}, { RATE_LIMIT_PER_MINUTE: '3' });
  const executionArn = await startOnboarding(url);
  const [first, second] = [await open(url, executionArn), await open(url, executionArn)];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.headers.get('ratelimit-remaining')).toBe('0');
  const third = await open(url, executionArn);
  expect(third.status).toBe(429);
  expect(third.headers.has('retry-after')).toBe(true);
  expect(await problemIn(third)).toMatchObject({ type: '/problems/too-many-requests' });
  await Promise.all([first.body?.cancel(), second.body?.cancel()]);
});

test('an overloaded process refuses new streams and continues the open ones', async () => {
  const stub = await startStepFunctionsStub();
  closeAfterwards(stub);
  const busyOnMessage = `process.once('message', () => setInterval(() => {
    const until = performance.now() + 400;
    while (performance.now() < until);
  }, 1));`;
  const { url, child } = await startServiceProcess(
    stub.url,
    { MAX_EVENT_LOOP_DELAY_MILLISECONDS: '300' },
    busyOnMessage,
  );
  // Starting is work: the process may be overloaded until then.
  const executionArn = await vi.waitFor(() => startOnboarding(url), { timeout: 30_000 });
  const stream = await open(url, executionArn);
  expect(stream.status).toBe(200);
  child.send('overload');
  const refused = await vi.waitUntil(
    async () => {
      const response = await open(url, executionArn);
      if (response.status === 503) return response;
      await response.body?.cancel();
      return undefined;
    },
    { timeout: 30_000 },
  );
  expect(await problemIn(refused)).toMatchObject({ type: '/problems/overloaded' });
  await fetch(stub.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.StopExecution' },
    body: JSON.stringify({ executionArn }),
  });
  expect(await stream.text()).toMatch(/"status":"ABORTED"/);
});

test('a stream is not compressed, as proxies would buffer it to decompress it', async () => {
  const { url } = await startBehind({ executionMilliseconds: 0 });
  const executionArn = await startOnboarding(url);
  const response = await open(url, executionArn, { 'accept-encoding': 'gzip, deflate, br, zstd' });
  expect(response.headers.has('content-encoding')).toBe(false);
  expect(await response.text()).toMatch(/"status":"SUCCEEDED"/);
});

test('the response of a stream has Connection: close, and the usual headers', async () => {
  const { url } = await startBehind({ executionMilliseconds: 0 });
  const executionArn = await startOnboarding(url);
  const response = await open(url, executionArn);
  expect(response.headers.get('connection')).toBe('close');
  expect(response.headers.has('x-request-id')).toBe(true);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  await response.text();
});
