import { afterEach, describe, expect, test } from 'vitest';
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

describe('by X-Forwarded-For', () => {
  /** How the header's values are counted together: the same letter for the same caller. */
  async function callersOf(values: readonly string[], settings: Environment = {}) {
    const { url } = await start({
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      RATE_LIMIT_PER_MINUTE: '1000',
      ...settings,
    });
    const seen: string[] = [];
    for (const value of values) {
      const { headers } = await fetch(`${url}${path}`, { headers: { 'x-forwarded-for': value } });
      seen.push(headers.get('ratelimit-remaining') ?? '');
    }
    return seen;
  }
  /** What remains of 1000 for one caller that asks so many times. */
  const together = (values: readonly unknown[]) => values.map((_, index) => String(999 - index));

  test.each([
    ['ports', ['203.0.113.9:1001', '203.0.113.9:1002', '203.0.113.9', '203.0.113.9:0']],
    ['IPv6 with ports', ['[2001:db8::1]:443', '[2001:db8::1]', '2001:db8::1', '2001:DB8:0::1']],
    [
      'IPv4 mapped to IPv6',
      ['203.0.113.9', '::ffff:203.0.113.9', '::FFFF:cb00:7109', '[::ffff:203.0.113.9]:1'],
    ],
    ['IPv6 privacy addresses', ['2001:db8::1', '2001:db8::a:b:c:d', '[2001:db8::2]:1']],
    [
      'trusted proxies with ports behind',
      ['203.0.113.9:1, 10.0.0.1:2', '203.0.113.9, [::ffff:10.0.0.1]:3 ,10.2.3.4', '203.0.113.9'],
    ],
    ['what a client invents before', ['1.1.1.1, 203.0.113.9', 'x,203.0.113.9:1', '203.0.113.9']],
    ['empty parts', [',203.0.113.9', '203.0.113.9,', ' , 203.0.113.9 ,, ', '203.0.113.9,10.0.0.1']],
    [
      'what is no address: it is of the proxy',
      [
        ...['unknown', '_hidden', 'localhost:80', ',', ' ', '203.0.113.300', '203.0.113.9:port'],
        ...['203.0.113.9:123456', '[203.0.113.9', '[203.0.113.9]x', '[]', '2001:db8::g', '0x7f.1'],
        ...['127.1', '010.0.0.1', '203.0.113.9 198.51.100.1', '127.0.0.1', '::1:80:x', '<script>'],
      ],
    ],
    [
      'what is no address behind another proxy: it is of that one',
      ['unknown, 10.0.0.1:1', '10.0.0.1', '203.0.113.300:1,10.0.0.1'],
    ],
  ])('%s make no caller of their own', async (_what, values) => {
    expect(await callersOf(values)).toEqual(together(values));
  });

  test('different networks are different callers', async () => {
    const values = [
      '203.0.113.9',
      '203.0.113.10:1',
      '2001:db8::1',
      '[2001:db8:0:1::1]:1',
      '10.1.1.1',
    ];
    expect(await callersOf(values)).toEqual(values.map(() => '999'));
  });
});

test('is not lifted by thousands of other addresses', async () => {
  const { app } = await start({ TRUST_PROXY: 'loopback', RATE_LIMIT_PER_MINUTE: '2' });
  const ask = async (address: string) =>
    (await app.inject({ url: path, headers: { 'x-forwarded-for': address } })).statusCode;
  expect([await ask('203.0.113.9'), await ask('203.0.113.9')]).toEqual([400, 400]);
  for (let i = 0; i < 5100; i += 1) {
    expect(await ask(`198.18.${i >> 8}.${i & 255}`)).toBe(400);
  }
  expect(await ask('203.0.113.9')).toBe(429);
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
