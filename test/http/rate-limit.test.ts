import { afterEach, expect, test } from 'vitest';
import { type Environment, type RunningApp, startApp } from '../support/app.ts';
import { problemIn } from '../support/requests.ts';
import { startIssuer } from './issuer.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function start(settings: Environment = {}): Promise<RunningApp> {
  const app = await startApp('http://127.0.0.1:1', settings);
  closing.push(app);
  return app;
}

/** Returns 400, as it is not an ARN. */
const path = '/onboarding-status/not-an-arn';

test('says what is left, and refuses with Retry-After', async () => {
  const { url } = await start({ RATE_LIMIT_PER_MINUTE: '2' });
  const ask = () => fetch(`${url}${path}`);
  const first = await ask();
  expect(first.status).toBe(400);
  expect(first.headers.get('ratelimit-limit')).toBe('2');
  expect(first.headers.get('ratelimit-remaining')).toBe('1');
  expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(0);
  await ask();
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await problemIn(refused)).type).toBe('/problems/too-many-requests');
  // Probes and documentation go on.
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
});

test('goes by the caller, wherever it calls from, and by the address of those refused', async () => {
  const issuer = await startIssuer();
  closing.push(issuer);
  const { url } = await start({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '1' });
  const ask = async (sub?: string) => {
    const token = sub === undefined ? 'token' : await issuer.token({ claims: { sub } });
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}${path}`, { headers })).status;
  };
  expect([await ask('one'), await ask('one')]).toEqual([400, 429]);
  expect([await ask('two'), await ask('two')]).toEqual([400, 429]);
  expect([await ask(), await ask()]).toEqual([401, 429]);
});

test.each([
  ['without TRUST_PROXY', {}, [400, 429]],
  ['with TRUST_PROXY', { TRUST_PROXY: 'loopback' }, [400, 400]],
])('%s, X-Forwarded-For has its effect', async (_what, settings, expected) => {
  const { url } = await start({ ...settings, RATE_LIMIT_PER_MINUTE: '1' });
  const ask = async (address: string) =>
    (await fetch(`${url}${path}`, { headers: { 'x-forwarded-for': address } })).status;
  expect([await ask('192.0.2.1'), await ask('192.0.2.2')]).toEqual(expected);
});

test('is off where callers are not authenticated, and a hundred a second where they are', async () => {
  const issuer = await startIssuer();
  closing.push(issuer);
  const limitOf = async (settings: Environment) =>
    (await fetch(`${(await start(settings)).url}${path}`)).headers.get('ratelimit-limit');
  expect(await limitOf({})).toBeNull();
  expect(await limitOf(issuer.settings)).toBe('6000');
  expect(await limitOf({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '0' })).toBeNull();
});
