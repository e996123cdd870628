import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Environment, onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { answerFrom, openSocket } from '../support/raw-http.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { late } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { startIssuer } from './issuer.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function start(
  settings: Environment = {},
  stepFunctionsUrl = 'http://127.0.0.1:1',
): Promise<RunningApp> {
  const app = await startApp(stepFunctionsUrl, settings);
  closing.push(app);
  return app;
}

/** Answered with 400, as it is not an ARN. */
const path = '/onboarding-status/not-an-arn';

describe('the rate limit', () => {
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
});

test('an overloaded process turns requests away, but not probes', async () => {
  // Any event loop is later than this.
  const { url } = await start({ MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0.000001' });
  const refused = await vi.waitFor(
    async () => {
      const answer = await fetch(`${url}${path}`);
      expect(answer.status).toBe(503);
      return answer;
    },
    { timeout: 5000 },
  );
  expect(refused.headers.get('retry-after')).toBe('2');
  expect((await problemIn(refused)).type).toBe('/problems/overloaded');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

describe('headers', () => {
  test('of every answer tell browsers to be careful, and let Swagger UI work', async () => {
    const { url } = await start();
    for (const each of ['/docs', '/health/live', path, '/nowhere']) {
      const { headers } = await fetch(`${url}${each}`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none';script-src 'self'/,
      );
      // A browser would ask for the scripts of Swagger UI by a scheme that nobody answers to.
      expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    }
    const page = await (await fetch(`${url}/docs`)).text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  test('open no door to pages of other origins', async () => {
    const { url } = await start();
    const headers = { origin: 'https://app.example.com' };
    const answer = await fetch(`${url}${path}`, { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(405);
  });

  test('open the door to the origins in CORS_ORIGINS, without a token for the preflight', async () => {
    const issuer = await startIssuer();
    closing.push(issuer);
    const origin = 'https://app.example.com';
    const { url } = await start({
      ...issuer.settings,
      CORS_ORIGINS: `https://www.example.com, ${origin}`,
    });
    const preflight = (from: string) =>
      fetch(`${url}/process-user-onboarding`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,idempotency-key',
        },
      });
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    const stranger = await preflight('https://other.example.com');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    const refused = await fetch(`${url}${path}`, { headers: { origin } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
    // There is still nothing where there was nothing, and no other method.
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${url}${path}`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('a connection on which nothing is sent for too long is closed', () => {
  const settings = { REQUEST_TIMEOUT_SECONDS: '0.3' };

  test.each([
    ['nothing', ''],
    ['half a header', 'GET / HTTP/1.1\r\nhost: loc'],
    [
      'half a body',
      `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\nhalf`,
    ],
  ])('%s', async (_what, sent) => {
    const { url } = await start(settings);
    const socket = openSocket(url);
    socket.write(sent);
    expect((await problemIn(await answerFrom(socket))).status).toBe(408);
  });

  test('also where something arrives all the time, but too slowly', async () => {
    const { url } = await start(settings);
    const socket = openSocket(url);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => socket.write('x-header: value\r\n'), 20);
    const received = await text(socket);
    clearInterval(drip);
    socket.destroy();
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('but not while an answer is waited for', async () => {
    const release = Promise.withResolvers<void>();
    const stub = await startStepFunctionsStub({ script: () => late(() => release.promise) });
    closing.push(stub);
    const { url } = await start(settings, stub.url);
    const waiting = post(`${url}${syncPath}`, onboardingRequest());
    await vi.waitFor(() => expect(stub.underWay()).toBe(1));
    // One that came later, and sends nothing, is cut off by then.
    expect((await answerFrom(openSocket(url))).status).toBe(408);
    release.resolve();
    expect((await waiting).status).toBe(200);
  });

  test('between two requests', async () => {
    const { url } = await start({ KEEP_ALIVE_SECONDS: '1' });
    const socket = openSocket(url);
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket.resume(), 'end');
    socket.destroy();
  });
});
