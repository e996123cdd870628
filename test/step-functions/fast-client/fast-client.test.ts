import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import {
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-sfn';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeFast } from '../../../src/step-functions/fast-client/fast-client.ts';
import { HttpHandler } from '../../../src/step-functions/http-handler.ts';
import { listen } from '../../support/listen.ts';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
/** How many of the next calls get 503. */
let failures = 0;
let date: Date | undefined;
beforeEach(() => {
  failures = 0;
  date = undefined;
});

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ path: request.url, headers: request.headers, body });
    if (date) response.setHeader('date', date.toUTCString());
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end('{}');
    } else response.end('{"executionArn":"arn","startDate":1}');
  });
});
let host = '';

beforeAll(async () => {
  ({ host } = new URL(await listen(server)));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const key = (number: number) => ({
  accessKeyId: `key-${number}`,
  secretAccessKey: `secret-${number}`,
});

function plainClient(config: SFNClientConfig = {}) {
  return new SFNClient({
    region: 'eu-west-1',
    endpoint: `http://${host}`,
    credentials: key(1),
    requestHandler: new HttpHandler(),
    ...config,
  });
}

function fastClient(config: SFNClientConfig = {}) {
  const client = plainClient(config);
  makeFast(client);
  return client;
}

const startCommand = () =>
  new StartExecutionCommand({
    stateMachineArn: 'arn',
    name: 'name',
    input: '{"name":"Zoë"}',
    traceHeader: undefined,
  });

async function start(client: SFNClient): Promise<Received> {
  await client.send(startCommand());
  return received.at(-1) ?? expect.fail();
}

/** The SDK gives every call an invocation id; a fast call has none. */
const isFast = ({ headers }: Received) => !('amz-sdk-invocation-id' in headers);

test('every call sends what the SDK sends, except for the invocation id', async () => {
  const plain = await start(plainClient());
  const client = fastClient();
  const first = await start(client);
  const second = await start(client);
  expect([plain, first, second].map(isFast)).toEqual([false, true, true]);
  const comparable = ({ path, headers, body }: Received) => {
    const {
      authorization,
      'x-amz-date': signedAt,
      'x-amz-content-sha256': digest,
      'amz-sdk-invocation-id': id,
      'amz-sdk-request': attempt,
      ...others
    } = headers;
    return { path, headers: others, body };
  };
  expect(comparable(first)).toEqual(comparable(plain));
  expect(comparable(second)).toEqual(comparable(plain));
});

test('requests are signed, including their host', async () => {
  const client = fastClient();
  for (const _call of [1, 2]) {
    const { headers } = await start(client);
    const time = String(headers['x-amz-date']);
    const reference = new SignatureV4({
      credentials: key(1),
      region: 'eu-west-1',
      service: 'states',
      sha256: client.config.sha256,
      applyChecksum: false,
    });
    const expected = await reference.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path: '/',
        headers: {
          host,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AWSStepFunctions.StartExecution',
        },
        body: '{"stateMachineArn":"arn","name":"name","input":"{\\"name\\":\\"Zoë\\"}"}',
      },
      { signingDate: time.replace(/(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5') },
    );
    expect(headers.authorization).toBe(expected.headers.authorization);
  }
});

test('renewed credentials sign the next call', async () => {
  let renewals = 0;
  const client = fastClient({
    credentials: async () => {
      renewals += 1;
      // Expired credentials are not cached.
      return { ...key(renewals), sessionToken: `token-${renewals}`, expiration: new Date(0) };
    },
  });
  const keyOf = ({ headers }: Received) =>
    /Credential=key-(\d+)/.exec(headers.authorization ?? '')?.[1];
  const before = await start(client);
  const after = await start(client);
  expect(Number(keyOf(after))).toBeGreaterThan(Number(keyOf(before)));
  expect(after.headers['x-amz-security-token']).toBe(`token-${keyOf(after)}`);
});

test('when the local clock is wrong, signatures use the time of the responses', async () => {
  date = new Date(Date.now() + 86_400_000);
  const client = fastClient();
  await start(client);
  const { headers } = await start(client);
  const day = date.toISOString().slice(0, 10).replaceAll('-', '');
  expect(headers['x-amz-date']).toMatch(new RegExp(`^${day}T`));
});

test('a nested input, or an endpoint with a path, goes through the SDK', async () => {
  const client = fastClient();
  for (const value of ['a', 'b']) {
    await client.send(new TagResourceCommand({ resourceArn: 'arn', tags: [{ key: 'k', value }] }));
    expect(received.at(-1)).toMatchObject({
      body: `{"resourceArn":"arn","tags":[{"key":"k","value":"${value}"}]}`,
    });
  }
  const behindProxy = await start(fastClient({ endpoint: `http://${host}/proxy` }));
  expect(isFast(behindProxy)).toBe(false);
  expect(behindProxy.path).toBe('/proxy/');
});

test('after a call without credentials, a call with credentials is fast', async () => {
  let areThere = false;
  const client = fastClient({
    credentials: async () => {
      if (!areThere) throw new Error('No credentials yet.');
      return key(1);
    },
  });
  await expect(start(client)).rejects.toThrow('No credentials yet.');
  areThere = true;
  expect(isFast(await start(client))).toBe(true);
});

test('middleware added after the client became fast runs once for every call', async () => {
  const client = fastClient();
  let calls = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      calls += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  await start(client);
  await start(client);
  expect(calls).toBe(2);
});

test.each(
  plainClient()
    .middlewareStack.identify()
    .map((entry) => entry.split(' ')[0] ?? ''),
)('an SDK without the middleware %s is refused, with that name', (name) => {
  const client = plainClient();
  expect(client.middlewareStack.remove(name)).toBe(true);
  expect(() => makeFast(client)).toThrow(name);
});

test('an SDK with unknown middleware is refused, with its name', () => {
  const client = plainClient();
  client.middlewareStack.add((next) => next, { name: 'newMiddleware' });
  expect(() => makeFast(client)).toThrow('newMiddleware');
});

test('the signal of a call aborts only that call', async () => {
  const client = fastClient();
  const controller = new AbortController();
  const received = once(server, 'request');
  const sent = client.send(startCommand(), { abortSignal: controller.signal });
  await received;
  controller.abort();
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  expect(isFast(await start(client))).toBe(true);
});

test('the signal of the first call does not affect later ones', async () => {
  const client = fastClient();
  const controller = new AbortController();
  await client.send(startCommand(), { abortSignal: controller.signal });
  controller.abort();
  failures = 1;
  await start(client);
  expect(failures).toBe(0);
});

test('a signal aborts a call between its attempts', async () => {
  const client = fastClient();
  const controller = new AbortController();
  failures = Number.POSITIVE_INFINITY;
  server.once('request', (_request, response) => response.once('finish', () => controller.abort()));
  const sent = client.send(startCommand(), { abortSignal: controller.signal });
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
});

test('successful calls restore the retries that failed ones used up', async () => {
  const client = fastClient();
  failures = Number.POSITIVE_INFINITY;
  const lost = await Promise.allSettled(Array.from({ length: 40 }, () => start(client)));
  expect(new Set(lost.map(({ status }) => status))).toEqual(new Set(['rejected']));
  failures = 1;
  await expect(start(client), 'nothing left to retry with').rejects.toThrow();

  failures = 0;
  await Promise.all(Array.from({ length: 40 }, () => start(client)));
  failures = 1;
  await start(client);
  expect(failures).toBe(0);
});
