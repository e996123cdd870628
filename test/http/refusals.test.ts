import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { problemIn, startPath, syncPath } from '../support/requests.ts';

const good = JSON.stringify(onboardingRequest());

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
  return readResponse(socket);
}

describe('a path without a route', () => {
  test.each(['/nope', '/onboarding-status/a/b', '/%2e%2e/etc/passwd'])(
    'gets 404: %s',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const response = await fetch(app.url + path, { method });
        expect(await problemIn(response)).toMatchObject({
          type: '/problems/not-found',
          status: 404,
        });
      }
    },
  );

  test('gets 404 also among static files', async () => {
    expect((await fetch(`${app.url}/docs/static/nothing`)).status).toBe(404);
  });

  test.each(['/docs/static/../../package.json', '/docs/static/..', '/docs/static/%2e%2e/a'])(
    'gets 404 if it leads out of a folder: %s',
    async (path) => {
      const response = await sendRaw(
        `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
      );
      expect(await problemIn(response)).toMatchObject({ type: '/problems/not-found', status: 404 });
    },
  );

  test.each([
    ['POST', '/nowhere', 'content-type: application/json', 404],
    ['POST', '/nowhere', 'content-encoding: gzip', 404],
    ['POST', '/nowhere', 'content-type: text/plain', 404],
    ['QUERY', '/nowhere', 'x-a: b', 404],
    ['PUT', '/nowhere', 'authorization: Bearer x', 404],
    ['POST', '/nowhere', 'expect: 100-continue', 404],
    ['PUT', startPath, 'content-type: application/json', 405],
    ['POST', '/onboarding-status/arn', 'content-encoding: gzip', 405],
    ['DELETE', syncPath, 'expect: 100-continue', 405],
  ])(
    'or method is refused before the body is read: %s %s with %s',
    async (method, path, field, status) => {
      const socket = openSocket(app.url);
      // The body is never sent.
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: a\r\n${field}\r\ncontent-length: 999\r\n\r\n`,
      );
      const [chunk] = await once(socket, 'data');
      expect(String(chunk)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      socket.destroy();
    },
  );

  test.each(['{bad', good, 'x'.repeat(2_000_000)])(
    'or method is refused after any body, and the connection stays usable',
    async (body) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const [path, status] of [
        ['/nowhere', 404],
        ['/health/live', 405],
      ] as const) {
        const sent = request(`${app.url}${path}`, { agent, method: 'POST' }).end(body);
        const [response] = await once(sent, 'response');
        expect(response.statusCode).toBe(status);
        await text(response);
      }
      agent.destroy();
    },
  );

  test('is not one that differs from a route only in case', async () => {
    for (const path of ['/Process-User-Onboarding', '/Onboarding-Status/arn']) {
      expect((await fetch(app.url + path, { method: 'PUT' })).status).toBe(405);
    }
  });

  test.each(['/%', '/%zz', '/onboarding-status/%zz', '/onboarding-status/%c3%28'])(
    'gets 400 if its percent-encoding is broken: %s',
    async (path) => {
      const response = await fetch(app.url + path);
      expect(await problemIn(response)).toMatchObject({
        type: '/problems/invalid-request',
        status: 400,
        detail: 'The path contains an invalid percent-encoding.',
      });
      const requestId = response.headers.get('x-request-id');
      expect(app.log.filter((line) => line.requestId === requestId)).toMatchObject([
        { msg: 'request', route: null, status: 400, problem: 'invalid-request' },
      ]);
      expect(response.headers.has('content-security-policy')).toBe(true);
    },
  );

  test('a broken percent-encoding in the query is ignored', async () => {
    expect((await fetch(`${app.url}/health/live?%zz`)).status).toBe(200);
  });
});

test.each([
  '/health/live/',
  '//health//live',
  '/health/live//',
  '///health/live///?a=b',
  '/docs/',
  '//openapi.json/',
])('doubled and trailing slashes are ignored: %s', async (path) => {
  expect((await fetch(app.url + path)).status).toBe(200);
});

test.each([`${startPath}/`, `/${syncPath}`, '/onboarding-status/arn/', '//onboarding-status//arn'])(
  'a method is refused as without these slashes: %s',
  async (path) => {
    expect((await fetch(app.url + path, { method: 'PATCH' })).status).toBe(405);
  },
);

test('a path longer than any ARN gets the problem of a short one', async () => {
  const status = async (arn: string) =>
    problemIn(await fetch(`${app.url}/onboarding-status/${arn}`));
  expect(await status('x'.repeat(15_000))).toMatchObject({
    type: '/problems/invalid-execution-arn',
  });
  expect(await status(`arn:aws:states:::${'x'.repeat(15_000)}`)).toMatchObject({
    type: '/problems/execution-not-found',
  });
});

describe('a method that the route does not allow', () => {
  test.each([
    [startPath, 'POST', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']],
    [syncPath, 'POST', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/onboarding-status/arn', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/health/live', 'GET, HEAD', ['POST', 'DELETE', 'QUERY', 'PURGE', 'M-SEARCH']],
    ['/health/ready', 'GET, HEAD', ['POST', 'DELETE']],
    ['/openapi.json', 'GET, HEAD', ['POST', 'DELETE']],
    ['/docs', 'GET, HEAD', ['POST', 'DELETE']],
    ['/docs/static/nothing', 'GET, HEAD', ['POST', 'DELETE']],
  ])('gets 405 from %s, which allows %s', async (path, allow, methods) => {
    for (const method of methods) {
      const response = await fetch(app.url + path, {
        method,
        // The body does not matter.
        ...(['POST', 'PUT'].includes(method) && { body: 'text' }),
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      if (method !== 'HEAD') {
        expect(await problemIn(response)).toMatchObject({
          type: '/problems/method-not-allowed',
          detail: `This path allows only ${allow}.`,
        });
      }
    }
  });

  test('HEAD gets the response of GET, without the body', async () => {
    const response = await fetch(`${app.url}/health/live`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('HTTP syntax', () => {
  const get = (...fields: string[]) =>
    `${['GET /health/live HTTP/1.1', ...fields, 'connection: close'].join('\r\n')}\r\n\r\n`;
  const host = 'host: localhost';

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a TLS handshake', Buffer.from('160301020001000001fc0303', 'hex')],
    ['random bytes', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10])],
    ['another version', 'GET / HTTP/3.7\r\n\r\n'],
    ['an unknown method', `BREW /health/live HTTP/1.1\r\n${host}\r\n\r\n`],
    ['a header without a colon', get(host, 'no colon')],
    ['a header with a control character', get(host, 'x-a: \u0001\u0000')],
    ['two lengths', get(host, 'content-length: 1', 'content-length: 2')],
    ['a length that is not a number', get(host, 'content-length: many')],
    ['no host', get()],
    ['two hosts', get(host, 'host: example.com')],
    ['one host twice', get(host, 'HOST: localhost')],
    ['a host with a user', get('host: a b@c/d?')],
    ['a host with a path', get('host: example.com/a')],
    ['a host with a fragment', get('host: example.com#a')],
    ['a host with a port that is not a number', get('host: example.com:http')],
    ['a host with a broken percent-encoding', get('host: example%2.com')],
    ['a host with half of a bracket', get('host: [::1')],
    ['another major version', `GET /health/live HTTP/2.0\r\n${host}\r\n\r\n`],
    ['no version', 'GET /health/live\r\n\r\n'],
    ['CONNECT without a port', `CONNECT example.com HTTP/1.1\r\n${host}\r\n\r\n`],
    ['CONNECT with a path', `CONNECT /health/live HTTP/1.1\r\n${host}\r\n\r\n`],
    [
      'chunks with HTTP/1.0',
      `POST ${startPath} HTTP/1.0\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a length and chunks with HTTP/1.0',
      `POST ${startPath} HTTP/1.0\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
    ],
    ['a length and chunks at once', get(host, 'content-length: 5', 'transfer-encoding: chunked')],
  ])('%s gets 400', async (_what, bytes) => {
    expect(await problemIn(await sendRaw(bytes))).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
    });
  });

  test.each(['gzip, chunked', 'gzip', 'identity', 'xchunked'])(
    'a transfer coding other than chunked gets 400, and the connection is closed: %s',
    async (coding) => {
      const response = await sendRaw(
        `POST ${startPath} HTTP/1.1\r\n${host}\r\ntransfer-encoding: ${coding}\r\n\r\n0\r\n\r\n`,
      );
      expect(await problemIn(response)).toMatchObject({ status: 400 });
      expect(response.headers.get('connection')).toBe('close');
    },
  );

  test('CONNECT gets 405', async () => {
    const response = await sendRaw('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n');
    expect(await problemIn(response)).toMatchObject({ type: '/problems/method-not-allowed' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('OPTIONS * lists the methods of the server', async () => {
    const response = await sendRaw(`OPTIONS * HTTP/1.1\r\n${host}\r\nconnection: close\r\n\r\n`);
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test.each([
    'host: example.com',
    'host: example.com:8080',
    'host: [2001:db8::1]:80',
    'host: 192.0.2.1',
    'host: a_b.example.com',
    'host:',
    'host: example%20.com',
  ])('a valid host is accepted: %s', async (field) => {
    expect((await sendRaw(get(field))).status).toBe(200);
  });

  test.each([
    ['that is too large', 'HTTP/1.1', 'application/json', 2_000_000, 413],
    ['that is not JSON', 'HTTP/1.1', 'text/plain', 2, 415],
    // An HTTP/1.0 client does not understand it (RFC 9110, 10.1.1).
    ['of an HTTP/1.0 client', 'HTTP/1.0', 'application/json', 0, 400],
  ])('100 Continue is not sent for a body %s', async (_what, version, type, length, status) => {
    const socket = openSocket(app.url);
    socket.write(
      `POST ${startPath} ${version}\r\n${host}\r\nexpect: 100-continue\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`,
    );
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });

  test('100 Continue is sent before a body is read', async () => {
    const socket = openSocket(app.url);
    socket.write(
      `POST ${startPath} HTTP/1.1\r\n${host}\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n`,
    );
    const [interim] = await once(socket, 'data');
    expect(String(interim)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{}');
    const [response] = await once(socket, 'data');
    expect(String(response)).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  test('an unknown expectation is ignored', async () => {
    expect((await sendRaw(get(host, 'expect: the-unexpected'))).status).toBe(200);
  });

  test('HTTP/1.0 without a host is accepted', async () => {
    expect((await sendRaw('GET /health/live HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});
