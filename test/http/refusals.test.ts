import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../support/app.ts';
import { answerFrom, openSocket } from '../support/raw-http.ts';
import { problemIn, startPath, syncPath } from '../support/requests.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp('http://127.0.0.1:1');
});
afterAll(() => app.close());
afterEach(async () => {
  expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  expect(app.log.filter(({ level }) => level >= 50)).toEqual([]);
});

function sendRaw(bytes: string | Uint8Array): Promise<Response> {
  const socket = openSocket(app.url);
  socket.write(bytes);
  return answerFrom(socket);
}

describe('a path that has no route', () => {
  test.each([
    '/',
    '/nope',
    '/process-user-onboarding/',
    '/docs/static/nothing',
    '/onboarding-status',
    '/onboarding-status/a/b',
    '/%2e%2e/etc/passwd',
  ])('is not found: %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await fetch(app.url + path, { method });
      expect(await problemIn(answer)).toMatchObject({ type: '/problems/not-found', status: 404 });
    }
  });

  test.each(['/docs/static/../../package.json', '/docs/static/..', '/docs/static/%2e%2e/a'])(
    'is not found where it leads out of a folder: %s',
    async (path) => {
      const answer = await sendRaw(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      expect(await problemIn(answer)).toMatchObject({ type: '/problems/not-found', status: 404 });
    },
  );

  test('is one that is written in another case', async () => {
    for (const path of ['/Process-User-Onboarding', '/Onboarding-Status/arn']) {
      expect((await fetch(app.url + path, { method: 'PUT' })).status).toBe(405);
    }
  });

  test.each(['/%', '/%zz', '/onboarding-status/%zz', '/onboarding-status/%c3%28'])(
    'with a broken percent-encoding is refused: %s',
    async (path) => {
      const answer = await fetch(app.url + path);
      expect(await problemIn(answer)).toMatchObject({
        type: '/problems/invalid-request',
        status: 400,
        detail: 'The path has a broken percent-encoding.',
      });
      const requestId = answer.headers.get('x-request-id');
      expect(app.log.filter((line) => line.requestId === requestId)).toMatchObject([
        { msg: 'request', route: null, status: 400, problem: 'invalid-request' },
      ]);
      expect(answer.headers.has('content-security-policy')).toBe(true);
    },
  );

  test("a query with a broken percent-encoding is nobody's business", async () => {
    expect((await fetch(`${app.url}/health/live?%zz`)).status).toBe(200);
  });
});

test('a path longer than any ARN is told what it is', async () => {
  const status = async (arn: string) =>
    problemIn(await fetch(`${app.url}/onboarding-status/${arn}`));
  expect(await status('x'.repeat(15_000))).toMatchObject({
    type: '/problems/invalid-execution-arn',
  });
  expect(await status(`arn:aws:states:::${'x'.repeat(15_000)}`)).toMatchObject({
    type: '/problems/execution-not-found',
  });
});

describe('a method that a route lacks', () => {
  test.each([
    [startPath, 'POST', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']],
    [syncPath, 'POST', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/onboarding-status/arn', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/health/live', 'GET, HEAD', ['POST', 'DELETE', 'QUERY', 'PURGE', 'M-SEARCH']],
    ['/health/ready', 'GET, HEAD', ['POST', 'DELETE']],
    ['/openapi.json', 'GET, HEAD', ['POST', 'DELETE']],
  ])('%s answers to %s only', async (path, allow, methods) => {
    for (const method of methods) {
      const answer = await fetch(app.url + path, {
        method,
        // The body does not matter, be it JSON or not.
        ...(['POST', 'PUT'].includes(method) && { body: 'text' }),
      });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe(allow);
      if (method !== 'HEAD') {
        expect(await problemIn(answer)).toMatchObject({
          type: '/problems/method-not-allowed',
          detail: `This path allows ${allow} only.`,
        });
      }
    }
  });

  test('HEAD is answered as GET, without a body', async () => {
    const answer = await fetch(`${app.url}/health/live`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });
});

describe('what is not HTTP as it should be', () => {
  const get = (...fields: string[]) =>
    `${['GET /health/live HTTP/1.1', ...fields, 'connection: close'].join('\r\n')}\r\n\r\n`;
  const host = 'host: localhost';

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a TLS handshake', Buffer.from('160301020001000001fc0303', 'hex')],
    ['random bytes', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10])],
    ['another version', 'GET / HTTP/3.7\r\n\r\n'],
    ['a method that nobody knows', `BREW /health/live HTTP/1.1\r\n${host}\r\n\r\n`],
    ['a header without a colon', get(host, 'no colon')],
    ['a header with a control character', get(host, 'x-a: \u0001\u0000')],
    ['two lengths', get(host, 'content-length: 1', 'content-length: 2')],
    ['a length that is none', get(host, 'content-length: many')],
    ['no host', get()],
    ['a length and chunks at once', get(host, 'content-length: 5', 'transfer-encoding: chunked')],
  ])('%s is refused with a problem', async (_what, bytes) => {
    expect(await problemIn(await sendRaw(bytes))).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
    });
  });

  test('an expectation that nobody knows is ignored', async () => {
    const answer = await sendRaw(get(host, 'expect: the-unexpected'));
    expect(answer.status).toBe(200);
  });
});
