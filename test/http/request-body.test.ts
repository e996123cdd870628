import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';

let app: RunningApp;
beforeAll(async () => {
  // No request here gets as far as Step Functions.
  app = await startApp('http://127.0.0.1:1');
});
afterAll(() => app.close());
afterEach(async () => {
  expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  expect(app.log.filter(({ level }) => level >= 50)).toEqual([]);
});

const json = { 'content-type': 'application/json' };
const good = JSON.stringify(onboardingRequest());
const withMetadata = (member: string) => good.replace('"country":"US"', member);

async function refusal(
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: Readonly<Record<string, string>> = json,
  path = startPath,
) {
  return problemIn(
    await fetch(`${app.url}${path}`, { method: 'POST', headers, ...(body && { body }) }),
  );
}

describe.each([startPath, syncPath])('%s', (path) => {
  test.each([
    ['not JSON', 'user-88888'],
    ['cut short', good.slice(0, -1)],
    ['followed by more', `${good}{}`],
    ['with a byte order mark in the middle', good.replace('{', '{\ufeff')],
    ['white space', ' \n'],
    ['100,000 opening brackets', '['.repeat(100_000)],
    ['with NaN', withMetadata('"visits":NaN')],
    ['in single quotes', good.replaceAll('"', "'")],
  ])('a body that is not JSON gets invalid-json: %s', async (_what, body) => {
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-json',
      status: 400,
      detail: expect.stringMatching(
        /^The body is not JSON: (?:unexpected end|syntax error) at line \d+, column \d+\. Names and strings need double quotes; /,
      ),
    });
  });

  test('the problem of a body that is not JSON has the position, and no text of the body', async () => {
    const problem = await refusal('{\n  "user": {userId: "leaked"}\n}', json, path);
    expect(problem.detail).toMatch(/^The body is not JSON: syntax error at line 2, column 12\./);
    expect(JSON.stringify(problem)).not.toContain('leaked');
  });

  test.each([
    ['__proto__', withMetadata('"__proto__":"x"')],
    ['an escaped __proto__', withMetadata('"\\u005f_proto__":"x"')],
  ])('metadata with %s is refused, with that name', async (_what, body) => {
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      errors: [{ path: 'user.metadata', message: 'The name __proto__ is not allowed' }],
    });
  });

  test('metadata with constructor.prototype is refused like any nested object', async () => {
    const body = withMetadata('"constructor":{"prototype":{"admin":true}}');
    const problem = await refusal(body, json, path);
    expect(problem.errors).toEqual([
      { path: 'user.metadata.constructor', message: expect.stringMatching(/^Must be a string of/) },
    ]);
  });

  test('a prototype outside metadata is ignored like any unknown member', async () => {
    const problem = await refusal('{"__proto__":{"user":{}}}', json, path);
    expect(problem.errors).toEqual([{ path: 'user', message: 'Required' }]);
  });

  test.each([
    ['{}', 'Required members are missing: see errors.'],
    ['{"user":{"userId":"a"}}', 'Required members are missing: see errors.'],
    [good.replace('user-88888', ''), 'Some members are invalid: see errors.'],
    ['[]', 'Some members are invalid: see errors.'],
    ['{"user":{"userId":""}}', 'Required members are missing and others are invalid: see errors.'],
  ])('the detail for %.40s is: %s', async (body, detail) => {
    const problem = await refusal(body, json, path);
    expect(problem.detail.startsWith(detail)).toBe(true);
    expect(problem).toMatchObject({ message: 'Missing required user onboarding fields.' });
  });

  test('a body with a byte order mark at its start is accepted as JSON', async () => {
    const problem = await refusal(`\ufeff{}`, json, path);
    expect(problem.type).toBe('/problems/invalid-onboarding-request');
  });

  test.each([
    ['an empty body', ''],
    ['no body at all', undefined],
  ])('%s gets invalid-json', async (_what, body) => {
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-json',
      status: 400,
      detail: 'The body is empty. Send a JSON object.',
    });
  });

  test.each([
    ['a byte that never occurs', [0xff]],
    ['half a character', [0xc3]],
    ['an overlong character', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('a body that is not UTF-8 gets invalid-json: %s', async (_what, bytes) => {
    const [before, after] = good.split('API Gateway User');
    const body = Buffer.concat([
      Buffer.from(`${before}`),
      Buffer.from(bytes),
      Buffer.from(`${after}`),
    ]);
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-json',
      detail: 'The body is not UTF-8. Encode JSON in UTF-8.',
    });
  });

  test.each([
    'null',
    'true',
    '7',
    '"text"',
    '[]',
    `[${good}]`,
    '{}',
    '{"user":null}',
    '{"user":[]}',
    '{"user":7}',
    `{"user":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    `{"user":{"metadata":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`,
  ])('a body of the wrong shape gets the paths of its errors: %.40s', async (body) => {
    const problem = await refusal(body, json, path);
    expect(problem).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      title: 'Invalid onboarding request',
      status: 400,
      message: 'Missing required user onboarding fields.',
    });
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  test('the problem has the path of every wrong member, and no value', async () => {
    const { userId, email, name, signupDate, source, ...others } = onboardingRequest().user;
    const problem = await refusal(
      JSON.stringify({
        User: {
          ...others,
          UserId: 'leaked'.repeat(30),
          Email: 'leaked at example.com',
          name: { leaked: true },
          signup_date: 'leaked',
          metadata: { referral_code: ['leaked'], country: ' ', Plan: { leaked: 1 } },
        },
      }),
      json,
      path,
    );
    expect(problem.errors).toEqual([
      { path: 'user.userId', message: 'Must be at most 128 characters' },
      { path: 'user.email', message: 'Must be an e-mail address' },
      { path: 'user.name', message: 'Must be a string' },
      { path: 'user.signupDate', message: expect.stringMatching(/^Must be an ISO 8601 date-time/) },
      { path: 'user.source', message: 'Required' },
      { path: 'user.metadata.referralCode', message: 'Must be a string' },
      { path: 'user.metadata.country', message: 'Must not be blank' },
      { path: 'user.metadata.Plan', message: expect.stringMatching(/^Must be a string of/) },
    ]);
    expect(JSON.stringify(problem)).not.toContain('leaked');
  });

  test('a member in two spellings is refused, with its path', async () => {
    const problem = await refusal(good.replace('{"userId"', '{"user_id":"a","userId"'), json, path);
    expect(problem).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      errors: [{ path: 'user.userId', message: 'Must not occur in more than one spelling' }],
    });
  });

  test.each(['1e400', '1e-400', '4503599627370497.3', '9007199254740993', '-0'])(
    'the number %s in metadata, which a double would change, is refused',
    async (number) => {
      const problem = await refusal(withMetadata(`"visits":${number}`), json, path);
      expect(problem.errors).toEqual([
        { path: 'user.metadata.visits', message: expect.stringMatching(/^Must be a string of/) },
      ]);
    },
  );

  test('such a number in an ignored member is ignored', async () => {
    const body = good.replace('"userId"', '"visits":1e-400,"userId"').replace('user-88888', ' ');
    expect((await refusal(body, json, path)).errors).toEqual([
      { path: 'user.userId', message: 'Must not be blank' },
    ]);
  });

  test('117,000 members get 413, wherever they are', async () => {
    const many = Array.from({ length: 117_000 }, (_, index) => `"${index.toString(36)}":0`).join();
    for (const body of [
      withMetadata(many),
      good.replace('"userId"', () => `${many},"userId"`),
      `[${'{"a":0},'.repeat(117_000)}0]`,
    ]) {
      expect(await refusal(body, json, path)).toMatchObject({
        type: '/problems/content-too-large',
        status: 413,
        detail: 'The body has more than 40,000 members. Send fewer.',
      });
    }
  });

  test('300 KB of valid metadata, more than an input of Step Functions may have, get 413', async () => {
    const problem = await refusal(withMetadata(`"text":"${'x'.repeat(300_000)}"`), json, path);
    expect(problem).toMatchObject({ type: '/problems/input-too-large', status: 413 });
  });

  test('a body of more than 1 MiB gets 413', async () => {
    const problem = await refusal(withMetadata(`"text":"${'x'.repeat(2 ** 20)}"`), json, path);
    expect(problem).toMatchObject({ type: '/problems/content-too-large', status: 413 });
  });
});

describe('the media type of the body', () => {
  test.each([
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON ; charset=UTF-8',
    'text/json',
    'application/vnd.example.user+json',
    'application/problem+json; version=1',
  ])('%s is accepted', async (type) => {
    const problem = await refusal('{}', { 'content-type': type });
    expect(problem.type).toBe('/problems/invalid-onboarding-request');
  });

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-seq',
    'text/plain; charset="application/json"',
    'json',
    '*/*',
  ])('%s gets 415', async (type) => {
    expect(await refusal(good, { 'content-type': type })).toMatchObject({
      type: '/problems/unsupported-media-type',
      status: 415,
    });
  });

  test('a body without one gets 415', async () => {
    const body = new TextEncoder().encode(good);
    expect(await refusal(body, {})).toMatchObject({ status: 415 });
  });
});

test.each(['connection: close', 'connection: keep-alive'])(
  'the response to a refused body with %s also has it',
  async (field) => {
    const socket = openSocket(app.url);
    socket.write(
      `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\n${field}\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{`,
    );
    const [chunk] = await once(socket, 'data');
    expect(String(chunk)).toMatch(/^HTTP\/1.1 400 /);
    expect(String(chunk).toLowerCase()).toContain(`\r\n${field}\r\n`);
    socket.destroy();
  },
);

describe('an incomplete body', () => {
  const head = `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n`;

  test('gets 400 when the client closes its half of the connection', async () => {
    const socket = openSocket(app.url);
    socket.end(`${head}content-length: ${good.length}\r\n\r\n${good.slice(0, 50)}`);
    const problem = await problemIn(await readResponse(socket));
    expect(problem.status).toBe(400);
  });

  test('in chunks gets 400 when the client closes its half of the connection', async () => {
    const socket = openSocket(app.url);
    socket.end(`${head}transfer-encoding: chunked\r\n\r\n40\r\n${good.slice(0, 50)}`);
    const problem = await problemIn(await readResponse(socket));
    expect(problem.status).toBe(400);
  });

  test('is logged as abandoned by the caller, without an error, when the connection is reset', async () => {
    const socket = openSocket(app.url);
    socket.on('error', () => undefined);
    socket.write(
      `${head}x-request-id: left\r\nexpect: 100-continue\r\ncontent-length: ${good.length}\r\n\r\n${good.slice(0, 50)}`,
    );
    // 100 Continue says that the service reads the body.
    await once(socket, 'data');
    socket.resetAndDestroy();
    const line = await vi.waitUntil(() => app.log.find(({ requestId }) => requestId === 'left'));
    expect(line).toMatchObject({ problem: 'invalid-request', abandonedByCaller: true });
    expect(line).not.toHaveProperty('err');
  });
});

test('a compressed body gets 415 with Accept-Encoding', async () => {
  const coded = (coding: string) =>
    post(`${app.url}${startPath}`, gzipSync(good), { 'content-encoding': coding });
  const response = await coded('gzip');
  expect(response.headers.get('accept-encoding')).toBe('identity');
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/unsupported-media-type',
    detail: 'The body is compressed. Send it uncompressed.',
  });
  expect((await problemIn(await coded('identity'))).type).toBe('/problems/invalid-json');
});

test('a body of 1,048,576 bytes is read, and one of 1,048,577 gets 413', async () => {
  const typeOf = async (bytes: number) =>
    (await problemIn(await post(`${app.url}${startPath}`, '{}'.padEnd(bytes)))).type;
  expect(await typeOf(1_048_576)).toBe('/problems/invalid-onboarding-request');
  expect(await typeOf(1_048_577)).toBe('/problems/content-too-large');
});
