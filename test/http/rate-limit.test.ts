import { describe, expect, test } from 'vitest';
import type { Environment } from '../support/app.ts';
import { problemIn } from '../support/requests.ts';
import { closeAfterwards, startUnconnected } from '../support/start-behind.ts';
import { startIssuer } from './authentication/issuer.ts';

/** Responds 400, as it has no ARN. */
const path = '/onboarding-status/not-an-arn';

test('responses have the RateLimit headers; beyond the limit, requests get 429 with Retry-After', async () => {
  const { url } = await startUnconnected({ RATE_LIMIT_PER_MINUTE: '2' });
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
  // Probes and the OpenAPI document are not limited.
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
});

test('authenticated requests count by caller, unauthenticated ones by address', async () => {
  const issuer = await startIssuer();
  closeAfterwards(issuer);
  const { url } = await startUnconnected({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '1' });
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
  ['without TRUST_PROXY, X-Forwarded-For is ignored', {}, [400, 429]],
  ['with TRUST_PROXY, X-Forwarded-For has the caller', { TRUST_PROXY: 'loopback' }, [400, 400]],
])('%s', async (_what, settings, expected) => {
  const { url } = await startUnconnected({ ...settings, RATE_LIMIT_PER_MINUTE: '1' });
  const ask = async (address: string) =>
    (await fetch(`${url}${path}`, { headers: { 'x-forwarded-for': address } })).status;
  expect([await ask('192.0.2.1'), await ask('192.0.2.2')]).toEqual(expected);
});

describe('with X-Forwarded-For', () => {
  /** What remains of the limit after a request with each value of the header. */
  async function remainingAfter(values: readonly string[]) {
    const { url } = await startUnconnected({
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      RATE_LIMIT_PER_MINUTE: '1000',
    });
    const remaining: string[] = [];
    for (const value of values) {
      const { headers } = await fetch(`${url}${path}`, { headers: { 'x-forwarded-for': value } });
      remaining.push(headers.get('ratelimit-remaining') ?? '');
    }
    return remaining;
  }

  test.each([
    [
      'IPv4 addresses with ports',
      ['203.0.113.9:1001', '203.0.113.9:1002', '203.0.113.9', '203.0.113.9:0'],
    ],
    [
      'IPv6 addresses with ports',
      ['[2001:db8::1]:443', '[2001:db8::1]', '2001:db8::1', '2001:DB8:0::1'],
    ],
    [
      'IPv4 addresses mapped to IPv6',
      ['203.0.113.9', '::ffff:203.0.113.9', '::FFFF:cb00:7109', '[::ffff:203.0.113.9]:1'],
    ],
    ['IPv6 addresses of one /64 network', ['2001:db8::1', '2001:db8::a:b:c:d', '[2001:db8::2]:1']],
    [
      'trusted proxies after the address',
      ['203.0.113.9:1, 10.0.0.1:2', '203.0.113.9, [::ffff:10.0.0.1]:3 ,10.2.3.4', '203.0.113.9'],
    ],
    [
      'entries before the address, which a client can forge',
      ['1.1.1.1, 203.0.113.9', 'x,203.0.113.9:1', '203.0.113.9'],
    ],
    [
      'empty entries',
      [',203.0.113.9', '203.0.113.9,', ' , 203.0.113.9 ,, ', '203.0.113.9,10.0.0.1'],
    ],
    [
      'invalid addresses, which count for the proxy',
      [
        ...['unknown', '_hidden', 'localhost:80', ',', ' ', '203.0.113.300', '203.0.113.9:port'],
        ...['203.0.113.9:123456', '[203.0.113.9', '[203.0.113.9]x', '[]', '2001:db8::g', '0x7f.1'],
        ...['127.1', '010.0.0.1', '203.0.113.9 198.51.100.1', '127.0.0.1', '::1:80:x', '<script>'],
      ],
    ],
    [
      'invalid addresses before a trusted proxy, which count for that one',
      ['unknown, 10.0.0.1:1', '10.0.0.1', '203.0.113.300:1,10.0.0.1'],
    ],
  ])('these count as one caller: %s', async (_what, values) => {
    expect(await remainingAfter(values)).toEqual(values.map((_, index) => String(999 - index)));
  });

  test('addresses of different networks count as different callers', async () => {
    const values = [
      '203.0.113.9',
      '203.0.113.10:1',
      '2001:db8::1',
      '[2001:db8:0:1::1]:1',
      '10.1.1.1',
    ];
    expect(await remainingAfter(values)).toEqual(values.map(() => '999'));
  });
});

test('a caller stays limited while thousands of other addresses call', async () => {
  const { app } = await startUnconnected({ TRUST_PROXY: 'loopback', RATE_LIMIT_PER_MINUTE: '2' });
  const ask = async (address: string) =>
    (await app.inject({ url: path, headers: { 'x-forwarded-for': address } })).statusCode;
  expect([await ask('203.0.113.9'), await ask('203.0.113.9')]).toEqual([400, 400]);
  for (let i = 0; i < 5100; i += 1) {
    expect(await ask(`198.18.${i >> 8}.${i & 255}`)).toBe(400);
  }
  expect(await ask('203.0.113.9')).toBe(429);
});

test('the default limit is none without authentication, and 6,000 a minute with it', async () => {
  const issuer = await startIssuer();
  closeAfterwards(issuer);
  const limitOf = async (settings: Environment) =>
    (await fetch(`${(await startUnconnected(settings)).url}${path}`)).headers.get(
      'ratelimit-limit',
    );
  expect(await limitOf({})).toBeNull();
  expect(await limitOf(issuer.settings)).toBe('6000');
  expect(await limitOf({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '0' })).toBeNull();
});
