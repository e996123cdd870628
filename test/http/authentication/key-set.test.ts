import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Environment, type RunningApp, startApp } from '../../support/app.ts';
import { problemIn } from '../../support/requests.ts';
import { type Issuer, keys, publicJwk, startIssuer, type TokenOptions } from './issuer.ts';

const minute = 60_000;
const accepted = 400;
let issuer: Issuer;
let app: RunningApp;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  issuer = await startIssuer();
});
afterEach(async () => {
  await app.close();
  await issuer.close();
  vi.useRealTimers();
});

async function start(settings: Environment = {}): Promise<void> {
  app = await startApp('http://127.0.0.1:1', { ...issuer.settings, ...settings });
}

/** Responds `accepted`, as the path has no ARN, if the token is accepted. */
function sendToken(token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${app.url}/onboarding-status/not-an-arn`, { headers });
}
const send = async (options: TokenOptions = {}) => sendToken(await issuer.token(options));
const statusOf = async (options?: TokenOptions) => (await send(options)).status;
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const warnings = () => app.log.filter(({ level }) => level === 40);
const second = { key: keys.second };

test('the keys are found through the discovery document of the issuer, and fetched once', async () => {
  await start();
  const subjects = Array.from({ length: 20 }, (_, index) => ({ claims: { sub: `sub-${index}` } }));
  expect(new Set(await Promise.all(subjects.map(statusOf)))).toEqual(new Set([accepted]));
  expect(await statusOf()).toBe(accepted);
  expect(issuer.requests()).toBe(2);
});

test('with AUTH_JWKS_URL, the keys come from there', async () => {
  await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf()).toBe(accepted);
  expect(issuer.requests()).toBe(1);
});

describe('a rotated key', () => {
  test('is fetched when the first token signed with it comes', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    pass(minute);
    issuer.publish(keys.first, keys.second);
    expect(await statusOf(second)).toBe(accepted);
    expect(await statusOf()).toBe(accepted);
  });

  test('is fetched even right after earlier fetches', async () => {
    await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
    expect(await statusOf()).toBe(accepted);
    issuer.publish(keys.first, keys.second);
    expect(await statusOf(second)).toBe(accepted);
    const third = { ...keys.first, kid: 'third' };
    issuer.publish(keys.second, third);
    expect(await statusOf({ key: third })).toBe(accepted);
  });

  test('causes a bounded rate of fetches, however many tokens have unknown kids', async () => {
    await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
    const statusWith = (kid: string) => statusOf({ header: { kid } });
    for (let i = 0; i < 20; i += 1) expect(await statusWith(`kid-${i}`)).toBe(401);
    expect(issuer.requests()).toBe(1 + 5);
    pass(10_000);
    for (let i = 0; i < 20; i += 1) expect(await statusWith(`kid-${i}`)).toBe(401);
    expect(issuer.requests()).toBe(1 + 5 + 1);
    issuer.publish(keys.first, keys.second);
    pass(10_000);
    expect(await statusOf(second)).toBe(accepted);
    // A long pause allows no more than the initial burst.
    pass(5 * minute);
    for (let i = 0; i < 20; i += 1) expect(await statusWith(`kid-${i}`)).toBe(401);
    expect(issuer.requests()).toBe(1 + 5 + 1 + 1 + 5);
  });

  test('replaces a key that is no longer published within ten minutes', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    issuer.publish(keys.second);
    pass(10 * minute + 1);
    // Still accepted from the cache, but triggers a fetch of the keys.
    await send();
    await vi.waitFor(() => expect(issuer.requests()).toBe(4));
    pass(minute);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(second)).toBe(accepted);
  });
});

describe('while the issuer is down', () => {
  const refuse = () => issuer.behave((request) => request.socket.destroy());

  test('from the start, callers get 503 with Retry-After, and are accepted soon after it is up', async () => {
    refuse();
    await start();
    for (let i = 0; i < 10; i += 1) {
      const response = await send();
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect((await problemIn(response)).type).toBe('/problems/authentication-unavailable');
    }
    expect(issuer.requests()).toBe(1);
    expect(warnings()).toHaveLength(1);
    issuer.behave(undefined);
    pass(5000);
    expect(await statusOf()).toBe(accepted);
  });

  test('known keys keep working', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    refuse();
    for (let i = 1; i <= 5; i += 1) {
      pass(20 * minute);
      expect(await statusOf()).toBe(accepted);
      await vi.waitFor(() => expect(warnings()).toHaveLength(i));
    }
    // An unknown key may be valid.
    pass(minute);
    expect(await statusOf(second)).toBe(503);
  });
});

/** JWKs that cannot verify a token, many of them with the `kid` of the first key. */
async function unusableJwks(): Promise<Record<string, unknown>> {
  const rsa = await publicJwk(keys.first);
  const elliptic = { ...(await publicJwk(keys.second)), kid: 'first' };
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return {
    null: null,
    'a string': 'key',
    'an array': [],
    'an empty object': {},
    'no kty': { ...rsa, kty: undefined },
    'a kty that is not a string': { ...rsa, kty: 1 },
    'an unknown kty': { ...rsa, kty: 'LWE' },
    'a shared secret': { kty: 'oct', k: 'c2VjcmV0', kid: 'first' },
    'a kid that is not a string': { ...rsa, kid: 1 },
    'no modulus': { ...rsa, n: undefined },
    'no exponent': { ...rsa, e: undefined },
    'a modulus that is not a string': { ...rsa, n: 12 },
    'a modulus that is not base64': { ...rsa, n: '???' },
    'an empty modulus': { ...rsa, n: '' },
    'a small modulus': { ...rsa, ...small.publicKey.export({ format: 'jwk' }) },
    'a use other than sig': { ...rsa, use: 'enc' },
    'a use that is not a string': { ...rsa, use: ['sig'] },
    'operations without verify': { ...rsa, use: undefined, key_ops: ['encrypt'] },
    'operations that are not an array': { ...rsa, key_ops: 'verify' },
    'an operation twice': { ...rsa, key_ops: ['verify', 'verify'] },
    'an unknown algorithm': { ...rsa, alg: 'RS1' },
    'an algorithm that is not a string': { ...rsa, alg: {} },
    'an unknown curve': { ...elliptic, crv: 'P-999' },
    'a point that is not on its curve': { ...elliptic, x: elliptic.y, y: elliptic.x },
    'half a point': { ...elliptic, y: undefined },
    'a private key': { ...(await exportJWK(keys.first.privateKey)), kid: 'first', alg: 'RS256' },
  };
}

const unusable = await unusableJwks();

describe('an unusable JWK', () => {
  test.each(Object.entries(unusable))('is ignored beside usable ones: %s', async (_what, jwk) => {
    issuer.publishJwks(jwk, await publicJwk(keys.first), jwk, await publicJwk(keys.second));
    await start();
    expect(await statusOf()).toBe(accepted);
    expect(await statusOf(second)).toBe(accepted);
  });

  test('leads to 503, not 401, when there is no usable one', async () => {
    issuer.publishJwks(...Object.values(unusable));
    await start();
    expect(await statusOf()).toBe(503);
    expect(warnings()).toHaveLength(1);
  });
});

describe('all keys that match a token are tried', () => {
  const rsa = async (kid?: string) => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    return { ...keys.first, ...pair, kid: kid ?? keys.first.kid };
  };

  test('when they share a kid', async () => {
    const twin = await rsa();
    issuer.publish(twin, keys.first, await rsa());
    await start();
    expect(await statusOf()).toBe(accepted);
    expect(await statusOf({ key: twin })).toBe(accepted);
    expect(await statusOf({ key: await rsa() })).toBe(401);
  });

  test('for a token without a kid', async () => {
    issuer.publish(await rsa('other'), keys.first);
    await start();
    expect(await statusOf({ header: { kid: undefined } })).toBe(accepted);
  });

  test('when they are of different types', async () => {
    issuer.publish({ ...keys.second, kid: 'first' }, keys.first);
    await start();
    expect(await statusOf()).toBe(accepted);
  });

  test('but not after a wrong claim', async () => {
    issuer.publish(await rsa(), keys.first);
    await start();
    expect(await statusOf({ claims: { aud: 'https://other.example.com' } })).toBe(401);
    expect(app.log.find(({ tokenRefused }) => tokenRefused)).toMatchObject({
      tokenRefused: 'audience',
    });
  });
});

test('a byte order mark before the keys is ignored', async () => {
  const text = `\uFEFF${JSON.stringify({ keys: [await publicJwk(keys.first)] })}`;
  issuer.behave((_request, response) => response.end(text));
  await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf()).toBe(accepted);
});

test.each(['http://keys.example.com/jwks', 'ftp://127.0.0.1/jwks', 'data:,{}', 'jwks', 1])(
  'a discovered jwks_uri that AUTH_JWKS_URL could not be is refused: %s',
  async (jwks_uri) => {
    issuer.behave((_request, response) =>
      response.end(JSON.stringify({ issuer: issuer.url, jwks_uri })),
    );
    await start();
    expect(await statusOf()).toBe(503);
    expect(issuer.requests()).toBe(1);
    expect(warnings()).toMatchObject([{ err: { message: expect.stringContaining('jwks_uri') } }]);
  },
);

test('with AUTH_JWKS_URL, AUTH_ISSUER is only compared', async () => {
  const name = 'http://adfs.example.com/adfs/services/trust';
  await start({ AUTH_ISSUER: name, AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf({ claims: { iss: name } })).toBe(accepted);
  expect(await statusOf()).toBe(401);
});

const wrongKeySets: Record<string, () => Promise<string> | string> = {
  'is not JSON': () => '<html></html>',
  'has no array of keys': () => '{"keys": "none"}',
  'is larger than 256 KiB': async () =>
    JSON.stringify({ keys: [await publicJwk(keys.first)], more: 'x'.repeat(300_000) }),
};

test.each(Object.entries(wrongKeySets))('a key set that %s is refused', async (_what, body) => {
  const text = await body();
  issuer.behave((_request, response) => response.end(text));
  await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf()).toBe(503);
});

test('a redirect is not followed', async () => {
  issuer.behave((request, response) =>
    request.url === '/jwks'
      ? response.writeHead(302, { location: '/elsewhere' }).end()
      : response.end('{"keys": []}'),
  );
  await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf()).toBe(503);
  expect(issuer.requests()).toBe(1);
});

test('the discovery document of another issuer is refused', async () => {
  issuer.behave((_request, response) =>
    response.end(
      JSON.stringify({ issuer: 'https://issuer.example.com', jwks_uri: `${issuer.url}/jwks` }),
    ),
  );
  await start();
  expect(await statusOf()).toBe(503);
  expect(issuer.requests()).toBe(1);
});

test('a cached token is verified again after it expires, and after a minute', async () => {
  await start();
  const statusWith = async (token: string) => (await sendToken(token)).status;
  const short = await issuer.token({ claims: { exp: Math.floor(Date.now() / 1000) + 10 } });
  expect(await statusWith(short)).toBe(accepted);
  pass(16_000);
  expect(await statusWith(short)).toBe(401);
  expect(issuer.requests()).toBe(2);
  const long = await issuer.token();
  expect(await statusWith(long)).toBe(accepted);
  issuer.publish();
  pass(10 * minute + 1);
  await statusWith(await issuer.token({ claims: { sub: 'another' } }));
  await vi.waitFor(() => expect(issuer.requests()).toBe(4));
  pass(minute);
  expect(await statusWith(long)).toBe(401);
});
