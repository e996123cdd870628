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

test('every answer has a request id of its own, and the protocol’s content type', async () => {
  const fine = await call({});
  const wrong = await call({ operation: 'Nothing' });
  for (const { headers } of [fine, wrong]) {
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.0');
  }
  expect(fine.headers.get('x-amzn-requestid')).not.toBe(wrong.headers.get('x-amzn-requestid'));
});

test('dates are epoch seconds', async () => {
  const { text } = await call({});
  const { creationDate } = JSON.parse(text).stateMachines[0];
  expect(creationDate).toBeTypeOf('number');
  expect(new Date(creationDate * 1000).getUTCFullYear()).toBe(new Date().getUTCFullYear());
});

test('an operation that is not there is an UnknownOperationException', async () => {
  const { status, text } = await call({ operation: 'RedriveExecution' });
  expect(status).toBe(400);
  expect(JSON.parse(text).__type).toBe('com.amazon.coral.service#UnknownOperationException');
});

test.each([
  ['no JSON', '{'],
  ['no UTF-8', Uint8Array.from(Buffer.from('{"name": "\xff"}', 'latin1'))],
  ['no object', '[]'],
  ['nothing', ''],
  ['too large', `{"name": "${'x'.repeat(4 * 1024 * 1024)}"}`],
  ['a member of another type', '{"maxResults": "ten"}'],
])('a body that is %s is a SerializationException', async (_what, body) => {
  const { status, text } = await call({ body });
  expect(status).toBe(400);
  expect(JSON.parse(text).__type).toBe('com.amazon.coral.service#SerializationException');
});

test('members that are missing or out of range are named, all of them', async () => {
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

test('enumerations and page sizes are checked', async () => {
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

test('null counts as left out', async () => {
  expect((await call({ body: '{"maxResults": null}' })).status).toBe(200);
});

test('browsers are turned away', async () => {
  const web = { origin: 'https://example.com' };
  expect((await call({ headers: web })).status).toBe(403);
  const simple = { 'content-type': 'text/plain' };
  expect((await call({ headers: simple })).status).toBe(404);
  expect((await call({ method: 'GET' })).status).toBe(404);
  const preflight = await call({ method: 'OPTIONS', headers: web });
  expect(preflight.status).toBe(403);
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  for (const url of [local.aws.dynamoDbUrl, local.aws.sqsUrl]) {
    const { status } = await fetch(url, { method: 'POST', headers: web });
    expect(status).toBe(403);
  }
});

test('the host that the SDK makes up for sync executions is no matter', async () => {
  const { hostname, port } = new URL(local.aws.stepFunctionsUrl);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST / HTTP/1.1\r\nHost: sync-states.us-east-1.amazonaws.com\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Length: 2\r\n\r\n{}`,
  );
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
});

test('half a request, then a hang-up, harms nobody', async () => {
  for (const url of [local.aws.stepFunctionsUrl, local.aws.dynamoDbUrl, local.aws.sqsUrl]) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST / HTTP/1.1\r\nHost: local\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{',
    );
    // The server has begun the request once it responds to another that came later.
    await fetch(url, { method: 'POST' });
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await fetch(url, { method: 'POST' })).status).toBeLessThan(500);
  }
});
