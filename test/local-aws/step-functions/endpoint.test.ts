import { once } from 'node:events';
import { connect } from 'node:net';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

let local: LocalAwsWithClients;

beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

interface Call {
  readonly operation?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

async function call({ operation = 'ListStateMachines', body = '{}', headers, method }: Call) {
  const response = await fetch(local.aws.stepFunctionsUrl, {
    method: method ?? 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
      ...headers,
    },
    ...(method !== 'GET' && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('every response has its own request id and the protocol’s content type', async () => {
  const success = await call({});
  const error = await call({ operation: 'Nothing' });
  for (const { headers } of [success, error]) {
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.0');
  }
  expect(success.headers.get('x-amzn-requestid')).not.toBe(error.headers.get('x-amzn-requestid'));
});

test('dates are epoch seconds', async () => {
  const { text } = await call({});
  const { creationDate } = JSON.parse(text).stateMachines[0];
  expect(creationDate).toBeTypeOf('number');
  expect(new Date(creationDate * 1000).getUTCFullYear()).toBe(new Date().getUTCFullYear());
});

test('an unsupported operation is an UnknownOperationException', async () => {
  const { status, text } = await call({ operation: 'RedriveExecution' });
  expect(status).toBe(400);
  expect(JSON.parse(text).__type).toBe('com.amazon.coral.service#UnknownOperationException');
});

test.each([
  ['is not JSON', '{'],
  ['is not UTF-8', Uint8Array.from(Buffer.from('{"name": "\xff"}', 'latin1'))],
  ['is not an object', '[]'],
  ['is empty', ''],
  ['is too large', `{"name": "${'x'.repeat(4 * 1024 * 1024)}"}`],
  ['has a member of the wrong type', '{"maxResults": "ten"}'],
])('a body that %s is a SerializationException', async (_what, body) => {
  const { status, text } = await call({ body });
  expect(status).toBe(400);
  expect(JSON.parse(text).__type).toBe('com.amazon.coral.service#SerializationException');
});

test('one ValidationException names every member that is missing or out of range', async () => {
  const start = async (members: object) => {
    const { text } = await call({ operation: 'StartExecution', body: JSON.stringify(members) });
    return JSON.parse(text);
  };
  expect(await start({})).toEqual({
    __type: 'com.amazon.coral.validate#ValidationException',
    message:
      "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
  });
  expect(await start({ stateMachineArn: 'a'.repeat(257), name: '' })).toMatchObject({
    message: `2 validation errors detected: Value '${'a'.repeat(257)}' at 'stateMachineArn' failed to satisfy constraint: Member must have length less than or equal to 256; Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1`,
  });
});

test('enumerations and page sizes are validated', async () => {
  const list = (more: object) =>
    local.stepFunctions.send(
      new ListExecutionsCommand({ stateMachineArn: local.aws.workflowArn, ...more }),
    );
  await expect(list({ statusFilter: 'DONE' })).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
  });
  await expect(list({ maxResults: 1001 })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('Member must have value less than or equal to 1000'),
  });
  await expect(list({ stateMachineArn: undefined })).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a member that is null counts as absent', async () => {
  expect((await call({ body: '{"maxResults": null}' })).status).toBe(200);
});

test('a request that is not a POST of AWS JSON returns 404', async () => {
  expect((await call({ headers: { 'content-type': 'text/plain' } })).status).toBe(404);
  expect((await call({ method: 'GET' })).status).toBe(404);
});

test('a CORS preflight is refused', async () => {
  const headers = { origin: 'https://example.com' };
  const preflight = await call({ method: 'OPTIONS', headers });
  expect(preflight.status).toBe(403);
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
});

test('the host prefix that the SDK adds for sync executions is ignored', async () => {
  const { hostname, port } = new URL(local.aws.stepFunctionsUrl);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST / HTTP/1.1\r\nHost: sync-states.us-east-1.amazonaws.com\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Length: 2\r\n\r\n{}`,
  );
  const [response] = await once(socket, 'data');
  socket.destroy();
  expect(String(response)).toMatch(/^HTTP\/1\.1 200 /);
});

test('a client that disconnects in the middle of a request does not crash a service', async () => {
  for (const url of [local.aws.stepFunctionsUrl, local.aws.dynamoDbUrl, local.aws.sqsUrl]) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST / HTTP/1.1\r\nHost: local\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{',
    );
    // Once the server responds to a later request, it has begun to read the first.
    await fetch(url, { method: 'POST' });
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await fetch(url, { method: 'POST' })).status).toBeLessThan(500);
  }
});
