import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';

let app: RunningApp;
beforeAll(async () => {
  // Nothing here gets as far as Step Functions.
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
    ['a deep heap of lists that ends too soon', '['.repeat(100_000)],
    ['with NaN', withMetadata('"visits":NaN')],
    ['in single quotes', good.replaceAll('"', "'")],
  ])('a body that is %s is no JSON', async (_what, body) => {
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-json',
      status: 400,
      detail: expect.stringMatching(
        /^The body is not JSON: (?:unexpected end|syntax error) at line \d+, column \d+\. Names and strings need double quotes; /,
      ),
    });
  });

  test('a body that is no JSON is told where, and never with what it says', async () => {
    const problem = await refusal('{\n  "user": {userId: "leaked"}\n}', json, path);
    expect(problem.detail).toMatch(/^The body is not JSON: syntax error at line 2, column 12\./);
    expect(JSON.stringify(problem)).not.toContain('leaked');
  });

  test.each([
    ['__proto__', withMetadata('"__proto__":"x"')],
    ['an escaped __proto__', withMetadata('"\\u005f_proto__":"x"')],
  ])('metadata with %s is refused by that name', async (_what, body) => {
    expect(await refusal(body, json, path)).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      errors: [{ path: 'user.metadata', message: 'The name __proto__ is not allowed' }],
    });
  });

  test('metadata with constructor.prototype is refused for its form', async () => {
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
  ])('the detail says what is wrong: %.40s', async (body, detail) => {
    const problem = await refusal(body, json, path);
    expect(problem.detail.startsWith(detail)).toBe(true);
    expect(problem).toMatchObject({ message: 'Missing required user onboarding fields.' });
  });

  test('a body with a byte order mark at its start is JSON', async () => {
    const problem = await refusal(`\ufeff{}`, json, path);
    expect(problem.type).toBe('/problems/invalid-onboarding-request');
  });

  test.each([
    ['an empty body', ''],
    ['no body at all', undefined],
  ])('%s is refused', async (_what, body) => {
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
  ])('a body with %s is no UTF-8', async (_what, bytes) => {
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
  ])('a body of the wrong shape is told where: %.40s', async (body) => {
    const problem = await refusal(body, json, path);
    expect(problem).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      title: 'Invalid onboarding request',
      status: 400,
      message: 'Missing required user onboarding fields.',
    });
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  test('every member that is wrong is told by its path, and never with its value', async () => {
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

  test('a member in two spellings is told by its path', async () => {
    const problem = await refusal(good.replace('{"userId"', '{"user_id":"a","userId"'), json, path);
    expect(problem).toMatchObject({
      type: '/problems/invalid-onboarding-request',
      errors: [{ path: 'user.userId', message: 'Must not occur in more than one spelling' }],
    });
  });

  test.each(['1e400', '1e-400', '4503599627370497.3', '9007199254740993', '-0'])(
    'the number %s, which would change on its way, is refused',
    async (number) => {
      const problem = await refusal(withMetadata(`"visits":${number}`), json, path);
      expect(problem.errors).toEqual([
        { path: 'user.metadata.visits', message: expect.stringMatching(/^Must be a string of/) },
      ]);
    },
  );

  test('such a number is ignored in a member that is', async () => {
    const body = good.replace('"userId"', '"visits":1e-400,"userId"').replace('user-88888', ' ');
    expect((await refusal(body, json, path)).errors).toEqual([
      { path: 'user.userId', message: 'Must not be blank' },
    ]);
  });

  test('117,000 members are too many, wherever they stand', async () => {
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

  test('300 KB of valid metadata are more than Step Functions takes', async () => {
    const problem = await refusal(withMetadata(`"text":"${'x'.repeat(300_000)}"`), json, path);
    expect(problem).toMatchObject({ type: '/problems/input-too-large', status: 413 });
  });

  test('more than 1 MiB is not read', async () => {
    const problem = await refusal(withMetadata(`"text":"${'x'.repeat(2 ** 20)}"`), json, path);
    expect(problem).toMatchObject({ type: '/problems/content-too-large', status: 413 });
  });
});

describe('the media type', () => {
  test.each([
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON ; charset=UTF-8',
    'text/json',
    'application/vnd.example.user+json',
    'application/problem+json; version=1',
  ])('%s is JSON', async (type) => {
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
  ])('%s is not', async (type) => {
    expect(await refusal(good, { 'content-type': type })).toMatchObject({
      type: '/problems/unsupported-media-type',
      status: 415,
    });
  });

  test('is told by nobody, as of a body without one', async () => {
    const body = new TextEncoder().encode(good);
    expect(await refusal(body, {})).toMatchObject({ status: 415 });
  });
});

describe('a body that is sent in part', () => {
  const head = `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n`;

  test('and then half-closed is refused', async () => {
    const socket = openSocket(app.url);
    socket.end(`${head}content-length: ${good.length}\r\n\r\n${good.slice(0, 50)}`);
    const problem = await problemIn(await readResponse(socket));
    expect(problem.status).toBe(400);
  });

  test('in chunks that break off is refused', async () => {
    const socket = openSocket(app.url);
    socket.end(`${head}transfer-encoding: chunked\r\n\r\n40\r\n${good.slice(0, 50)}`);
    const problem = await problemIn(await readResponse(socket));
    expect(problem.status).toBe(400);
  });

  test('and then left is logged as such, and as no fault of ours', async () => {
    const socket = openSocket(app.url);
    socket.on('error', () => undefined);
    socket.write(
      `${head}x-request-id: left\r\nexpect: 100-continue\r\ncontent-length: ${good.length}\r\n\r\n${good.slice(0, 50)}`,
    );
    // The answer to Expect says that the request has begun.
    await once(socket, 'data');
    socket.resetAndDestroy();
    const line = await vi.waitUntil(() => app.log.find(({ requestId }) => requestId === 'left'));
    expect(line).toMatchObject({ problem: 'invalid-request', abandonedByCaller: true });
    expect(line).not.toHaveProperty('err');
  });
});

test('a body in a content coding is refused as such', async () => {
  const coded = (coding: string) =>
    post(`${app.url}${startPath}`, gzipSync(good), { 'content-encoding': coding });
  const answer = await coded('gzip');
  expect(answer.headers.get('accept-encoding')).toBe('identity');
  expect(await problemIn(answer)).toMatchObject({
    type: '/problems/unsupported-media-type',
    detail: 'The body is compressed. Send it uncompressed.',
  });
  expect((await problemIn(await coded('identity'))).type).toBe('/problems/invalid-json');
});

test('a body of 1,048,576 bytes is read, and one of a byte more is not', async () => {
  const typeOf = async (bytes: number) =>
    (await problemIn(await post(`${app.url}${startPath}`, '{}'.padEnd(bytes)))).type;
  expect(await typeOf(1_048_576)).toBe('/problems/invalid-onboarding-request');
  expect(await typeOf(1_048_577)).toBe('/problems/content-too-large');
});
