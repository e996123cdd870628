import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Environment, type RunningApp, startApp } from '../support/app.ts';
import { problemIn } from '../support/requests.ts';
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

/** 400 is what a caller gets here whose token has been accepted. */
async function ask(options: TokenOptions = {}): Promise<Response> {
  const authorization = `Bearer ${await issuer.token(options)}`;
  return fetch(`${app.url}/onboarding-status/not-an-arn`, { headers: { authorization } });
}
const statusOf = async (options?: TokenOptions) => (await ask(options)).status;
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const warnings = () => app.log.filter(({ level }) => level === 40);
const second = { key: keys.second };

test("keys are found by the issuer's discovery document, and fetched once", async () => {
  await start();
  const subjects = Array.from({ length: 20 }, (_, index) => ({ claims: { sub: `sub-${index}` } }));
  expect(new Set(await Promise.all(subjects.map(statusOf)))).toEqual(new Set([accepted]));
  expect(await statusOf()).toBe(accepted);
  expect(issuer.requests()).toBe(2);
});

test('AUTH_JWKS_URL says where they are', async () => {
  await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
  expect(await statusOf()).toBe(accepted);
  expect(issuer.requests()).toBe(1);
});

describe('a rotated key', () => {
  test('is fetched when the first token comes that is signed with it', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    pass(minute);
    issuer.publish(keys.first, keys.second);
    expect(await statusOf(second)).toBe(accepted);
    expect(await statusOf()).toBe(accepted);
  });

  test('is not waited for by more than one fetch in half a minute, whatever strangers send', async () => {
    await start({ AUTH_JWKS_URL: `${issuer.url}/jwks` });
    for (let i = 0; i < 10; i += 1) expect(await statusOf(second)).toBe(401);
    expect(issuer.requests()).toBe(1);
    pass(minute / 2);
    for (let i = 0; i < 10; i += 1) expect(await statusOf(second)).toBe(401);
    expect(issuer.requests()).toBe(2);
  });

  test('ends the old one that is published no more, within ten minutes', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    issuer.publish(keys.second);
    pass(10 * minute + 1);
    // Is still answered from memory, and has the keys fetched.
    await ask();
    await vi.waitFor(() => expect(issuer.requests()).toBe(4));
    pass(minute);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(second)).toBe(accepted);
  });
});

describe('while the issuer is down', () => {
  const refuse = () => issuer.behave((request) => request.socket.destroy());

  test('from the start, callers are asked to try again; soon after it is up, they are let in', async () => {
    refuse();
    await start();
    for (let i = 0; i < 10; i += 1) {
      const answer = await ask();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect((await problemIn(answer)).type).toBe('/problems/authentication-unavailable');
    }
    expect(issuer.requests()).toBe(1);
    expect(warnings()).toHaveLength(1);
    issuer.behave(undefined);
    pass(5000);
    expect(await statusOf()).toBe(accepted);
  });

  test('the keys that are known go on working', async () => {
    await start();
    expect(await statusOf()).toBe(accepted);
    refuse();
    for (let i = 1; i <= 5; i += 1) {
      pass(20 * minute);
      expect(await statusOf()).toBe(accepted);
      await vi.waitFor(() => expect(warnings()).toHaveLength(i));
    }
    // Nobody knows whether this one is good.
    pass(minute);
    expect(await statusOf(second)).toBe(503);
  });
});

const wrongAnswers: Record<string, (issuer: Issuer) => Promise<string> | string> = {
  'is not JSON': () => '<html></html>',
  'is no key set': () => '{"keys": "none"}',
  'is larger than any key set': async () =>
    JSON.stringify({ keys: [await publicJwk(keys.first)], more: 'x'.repeat(300_000) }),
};

test.each(Object.entries(wrongAnswers))('an answer that %s is not taken', async (_what, body) => {
  const text = await body(issuer);
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

test("another issuer's discovery document is not taken", async () => {
  issuer.behave((_request, response) =>
    response.end(
      JSON.stringify({ issuer: 'https://issuer.example.com', jwks_uri: `${issuer.url}/jwks` }),
    ),
  );
  await start();
  expect(await statusOf()).toBe(503);
  expect(issuer.requests()).toBe(1);
});

test('a token in memory is asked about again once it has expired, or a minute has passed', async () => {
  await start();
  const answerTo = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${app.url}/onboarding-status/not-an-arn`, { headers })).status;
  };
  const short = await issuer.token({ claims: { exp: Math.floor(Date.now() / 1000) + 10 } });
  expect(await answerTo(short)).toBe(accepted);
  pass(16_000);
  expect(await answerTo(short)).toBe(401);
  expect(issuer.requests()).toBe(2);
  const long = await issuer.token();
  expect(await answerTo(long)).toBe(accepted);
  issuer.publish();
  pass(10 * minute + 1);
  await answerTo(await issuer.token({ claims: { sub: 'another' } }));
  await vi.waitFor(() => expect(issuer.requests()).toBe(4));
  pass(minute);
  expect(await answerTo(long)).toBe(401);
});
