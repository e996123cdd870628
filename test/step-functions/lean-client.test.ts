import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { SFNClient, type SFNClientConfig, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BufferedHttpHandler } from '../../src/step-functions/buffered-http-handler.ts';
import { withSignal } from '../../src/step-functions/call-signal.ts';
import { makeLean } from '../../src/step-functions/lean-client.ts';

const received: { headers: IncomingHttpHeaders; body: string }[] = [];
/** So many calls to come are answered with 503. */
let failures = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end('{}');
    } else response.end('{"executionArn":"arn","startDate":1}');
  });
});
let endpoint = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function leanClient(credentials: SFNClientConfig['credentials'] = key(1)) {
  const client = new SFNClient({
    region: 'eu-west-1',
    endpoint,
    credentials,
    requestHandler: new BufferedHttpHandler(),
  });
  makeLean(client);
  return client;
}

function key(number: number) {
  return { accessKeyId: `key-${number}`, secretAccessKey: `secret-${number}` };
}

function startCommand() {
  return new StartExecutionCommand({ stateMachineArn: 'arn', input: '{"name":"Zoë"}' });
}

async function start(client: SFNClient) {
  await client.send(startCommand());
  return received.at(-1) ?? expect.fail();
}

/** The signature that AWS works out: "Create a signed AWS API request" in IAM's user guide. */
function signatureOf({ headers, body }: Awaited<ReturnType<typeof start>>, secret: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(headers.authorization ?? '') ?? [];
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = ['POST', '/', '', canonicalHeaders.join(''), signed, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signingKey = scope
    .split('/')
    .reduce<Buffer>(
      (bytes, part) => createHmac('sha256', bytes).update(part).digest(),
      Buffer.from(`AWS4${secret}`),
    );
  return createHmac('sha256', signingKey).update(text).digest('hex');
}

test('what a lean client sends is signed as AWS checks it, at every call', async () => {
  const client = leanClient();
  for (const _call of [1, 2]) {
    const call = await start(client);
    expect(call.headers.authorization).toContain(`Signature=${signatureOf(call, 'secret-1')}`);
    expect(call.headers.authorization).toContain('/eu-west-1/states/aws4_request');
  }
});

test('credentials that are renewed sign the next call', async () => {
  let renewals = 0;
  const client = leanClient(async () => {
    renewals += 1;
    // One that has expired is never kept.
    return { ...key(renewals), sessionToken: `token-${renewals}`, expiration: new Date(0) };
  });
  await start(client);
  const call = await start(client);
  const current = /Credential=key-(\d+)/.exec(call.headers.authorization ?? '')?.[1];
  expect(Number(current)).toBeGreaterThan(1);
  expect(call.headers['x-amz-security-token']).toBe(`token-${current}`);
  expect(call.headers.authorization).toContain(signatureOf(call, `secret-${current}`));
});

test('the user agent names the SDK as the SDK does', async () => {
  const plain = new SFNClient({ region: 'eu-west-1', endpoint, credentials: key(1) });
  const { headers } = await start(plain);
  expect((await start(leanClient())).headers['user-agent']).toBe(
    headers['user-agent']?.replace(/ m\/\S+$/, ''),
  );
});

test('a signal ends a call that waits for its answer, and no other', async () => {
  const client = leanClient();
  const controller = new AbortController();
  const asked = once(server, 'request');
  const given = client.send(withSignal(startCommand(), controller.signal));
  await asked;
  controller.abort();
  await expect(given).rejects.toMatchObject({ name: 'AbortError' });
  await start(client);
});

test('a signal ends a call that is about to be tried again', async () => {
  const client = leanClient();
  const controller = new AbortController();
  failures = Number.POSITIVE_INFINITY;
  server.once('request', (_request, response) => response.once('finish', () => controller.abort()));
  const given = client.send(withSignal(startCommand(), controller.signal));
  await expect(given).rejects.toMatchObject({ name: 'AbortError' });
  failures = 0;
});

test('calls that succeed earn back the retries that failing ones used up', async () => {
  const client = leanClient();
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
