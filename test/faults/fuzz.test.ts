import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { problemDetailsSchema } from '../../src/http/problem-details/problem.ts';
import { startedResponseSchema } from '../../src/onboarding/responses.ts';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import {
  createDocumentChecker,
  type ObservedResponse,
  openApiDocumentOf,
} from '../support/openapi.ts';
import { openSocket, readResponses } from '../support/raw-http.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';
import {
  cancellationBody,
  marker,
  method,
  path,
  requestBody,
  requestHeaders,
} from './arbitraries.ts';
import { mutatedRequest } from './mutated-requests.ts';

vi.setConfig({ testTimeout: 300_000 });

let stub: StepFunctionsStub;
let app: RunningApp;
let checker: ReturnType<typeof createDocumentChecker>;
const agent = new Agent({ keepAlive: true });
const routes = fc.constantFrom('/process-user-onboarding', '/process-user-onboarding-sync');

beforeAll(async () => {
  stub = await startStepFunctionsStub();
  app = await startApp(stub.url, { DESCRIBE_RATE: '10000', DESCRIBE_BURST: '10000' });
  checker = createDocumentChecker(await openApiDocumentOf(app.url));
});
afterAll(async () => {
  agent.destroy();
  await app.close();
  await stub.close();
});

/** What holds for the response to any request. */
function expectCivil({ status, headers, body }: ObservedResponse, isBodiless = false): void {
  // 501: without a status table there is no list.
  if (status !== 501) expect(status).toBeLessThan(500);
  if (status < 400 || isBodiless) return;
  expect(headers['content-type']).toMatch(/^application\/problem\+json(;|$)/);
  const problem = problemDetailsSchema.loose().parse(JSON.parse(body));
  expect(problem.status).toBe(status);
  expect(problem.instance).toBe(headers['x-request-id']);
  // The request id may contain the marker, by chance: it is checked above.
  expect(JSON.stringify({ ...problem, instance: undefined })).not.toContain(marker);
}

/** The response is documented, if the OpenAPI document has the operation. */
function expectDocumented(name: string, where: string, observed: ObservedResponse): void {
  // The router ends the path at either character.
  const [path = ''] = where.toLowerCase().split(/[?#]/, 1);
  const documented = path.replace(
    /^\/onboarding-status\/[^/]+(?<operation>\/steps|\/cancel)?$/,
    '/onboarding-status/{executionArn}$<operation>',
  );
  // Ends an event stream. Only the prose documents it, so that clients need no union of types.
  if (observed.status === 204) return;
  if (checker.has(documented, name.toLowerCase())) {
    checker.expectDocumented(documented, name.toLowerCase(), observed);
  }
}

/** The process still works, and has logged nothing that it was sent. */
async function expectUnharmed(): Promise<void> {
  const response = await fetch(`${app.url}/process-user-onboarding-sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(onboardingRequest()),
  });
  expect(response.status).toBe(200);
  expect(app.log).not.toEqual([]);
  // These two may contain text of callers, of characters that are safe in logs.
  const harmful = app.log.filter(
    ({ executionArn, requestId, ...line }) =>
      line.level !== 30 || JSON.stringify(line).includes(marker),
  );
  expect(harmful).toEqual([]);
}

async function postAndCheck(url: string, body: string | Uint8Array): Promise<number> {
  const { statusCode, headers, payload } = await app.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : Buffer.from(body),
  });
  const observed = { status: statusCode, headers, body: payload };
  expectCivil(observed);
  expectDocumented('POST', url, observed);
  return statusCode;
}

test('12,000 generated bodies get a documented response that repeats none of their text', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(routes, requestBody, async (url, body) => {
      if ((await postAndCheck(url, body)) < 300) accepted += 1;
    }),
    { numRuns: 12_000 },
  );
  // Most bodies are nearly valid, so many must get further than validation.
  expect(accepted).toBeGreaterThan(2000);
  await expectUnharmed();
});

test('3,000 generated cancellations get a documented response that repeats none of their text', async () => {
  const started = await send(
    'POST',
    '/process-user-onboarding',
    { 'content-type': 'application/json' },
    JSON.stringify(onboardingRequest()),
  );
  const { executionArn } = startedResponseSchema.parse(JSON.parse(started.body));
  const url = `/onboarding-status/${executionArn}/cancel`;
  await fc.assert(
    fc.asyncProperty(cancellationBody, async (body) => {
      await postAndCheck(url, body);
    }),
    { numRuns: 3000 },
  );
  await expectUnharmed();
});

test('4,000 requests with generated headers get a documented response', async () => {
  await fc.assert(
    fc.asyncProperty(routes, requestHeaders, async (route, headers) => {
      const observed = await send('POST', route, headers, JSON.stringify(onboardingRequest()));
      expectCivil(observed);
      expectDocumented('POST', route, observed);
    }),
    { numRuns: 4000 },
  );
  await expectUnharmed();
});

test('4,000 generated methods and paths get a documented response', async () => {
  await fc.assert(
    fc.asyncProperty(method, path, requestHeaders, async (name, where, headers) => {
      const observed = await send(name, where, headers);
      expectCivil(observed, name === 'HEAD');
      expectDocumented(name, where, observed);
    }),
    { numRuns: 4000 },
  );
  await expectUnharmed();
});

const line = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'GET /health/live HTTP/1.1',
    'POST /process-user-onboarding HTTP/1.1',
    'GET http://example.com/ HTTP/1.0',
    'PRI * HTTP/2.0',
    'Host: example.com',
    'Content-Length: 5',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Content-Type: application/json',
    'Expect: something',
    'Connection: close',
    '',
    '{}',
    '5\r\n{"a"',
  ),
);

test('1,000 generated texts that are hardly HTTP get a response below 500', async () => {
  let runsWithResponse = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async (lines) => {
      const socket = openSocket(app.url);
      socket.end(`${lines.join('\r\n')}\r\n\r\n`);
      const received = await text(socket);
      const responses = received.split(/(?=HTTP\/1\.1 \d{3} )/).filter((part) => part !== '');
      for (const response of responses) expectCivil(parse(response));
      if (responses.length > 0) runsWithResponse += 1;
    }),
    { numRuns: 1000 },
  );
  // Nothing but empty lines is no request.
  expect(runsWithResponse).toBeGreaterThan(900);
  await expectUnharmed();
});

test('1,000 valid requests with changed bytes get a response below 500', async () => {
  const impatient = await startApp(stub.url, {
    // Some of them lack bytes at the end, so that only the time limit ends them.
    REQUEST_TIMEOUT_SECONDS: '0.3',
    KEEP_ALIVE_SECONDS: '1',
    // Many are for unknown executions, which would wait for the budget.
    DESCRIBE_RATE: '10000',
    DESCRIBE_BURST: '10000',
  });
  closeAfterwards(impatient);
  const exchange = async (bytes: Uint8Array) => {
    const socket = openSocket(impatient.url);
    socket.write(bytes);
    socket.write('GET /health/live HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n');
    return readResponses(socket);
  };
  // Side by side, as some last until the time limit.
  const batch = fc.array(mutatedRequest, { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(batch, async (requests) => {
      for (const responses of await Promise.all(requests.map(exchange))) {
        expect(responses).not.toEqual([]);
        for (const response of responses) {
          const headers = Object.fromEntries(response.headers);
          expectCivil({ status: response.status, headers, body: await response.text() });
        }
      }
    }),
    { numRuns: 50 },
  );
  expect(impatient.log.filter(({ level }) => level > 30)).toEqual([]);
  await expectUnharmed();
});

function parse(response: string): ObservedResponse {
  const [head = '', ...body] = response.split('\r\n\r\n');
  const [status = '', ...fields] = head.split('\r\n');
  const headers = fields.map((field) => field.split(': '));
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(headers.map(([key = '', value]) => [key.toLowerCase(), value])),
    body: body.join('\r\n\r\n'),
  };
}

async function send(
  name: string,
  where: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<ObservedResponse> {
  const { hostname, port } = new URL(app.url);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({
    agent,
    hostname,
    port,
    method: name,
    path: where,
    headers: { 'content-length': body.length, ...headers },
  });
  sent.on('response', resolve).on('error', reject).end(body);
  const response = await promise.catch((error: unknown) => {
    // The service closed an idle connection just as it was used again. That says nothing about the
    // request: a client has to send it once more (RFC 9112, 9.3.1).
    if (sent.reusedSocket) return undefined;
    throw error;
  });
  if (response === undefined) return send(name, where, headers, body);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
}
