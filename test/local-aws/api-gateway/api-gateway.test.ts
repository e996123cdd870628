import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApiGateway } from '../../../src/local-aws/api-gateway/api-gateway.ts';
import { tables } from '../../../src/workflow/resources.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

const user = {
  userId: 'user-88888',
  email: 'api-gateway@example.com',
  name: 'API Gateway User',
  signupDate: '2025-11-10T10:30:00Z',
  source: 'web',
  metadata: { referralCode: 'FRIEND2025', country: 'US' },
};

async function post(body: string, path = '/new-user') {
  const response = await fetch(`${local.aws.apiGatewayUrl}${path}`, { method: 'POST', body });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const describeExecution = (executionArn: string) =>
  local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));

test('POST /new-user onboards a user', async () => {
  const before = Date.now() / 1000;
  const started = await post(JSON.stringify({ input: { user } }));
  const after = Date.now() / 1000;

  expect(started.status).toBe(200);
  expect(Object.keys(started.body).sort()).toEqual(['executionArn', 'startDate']);
  expect(started.body.startDate).toBeGreaterThanOrEqual(before);
  expect(started.body.startDate).toBeLessThanOrEqual(after);

  await vi.waitFor(async () => {
    const execution = await describeExecution(started.body.executionArn);
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineArn: local.aws.workflowArn,
      input: JSON.stringify({ user }),
    });
  });
  const { Item } = await local.dynamoDb.send(
    new GetItemCommand({
      TableName: tables.UsersTable.name,
      Key: { PK: { S: user.userId }, SK: { S: 'PROFILE' } },
    }),
  );
  expect(Item?.email).toEqual({ S: user.email });
  const { Messages } = await local.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: local.queueUrl }),
  );
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
    type: 'UserOnboarded',
    userId: user.userId,
  });
});

test('POST /new-user saves fields that the service would drop', async () => {
  const { body } = await post(JSON.stringify({ input: { user: { userId: 'user-1', plan: 'a' } } }));
  await vi.waitFor(async () => {
    expect(await describeExecution(body.executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  });
  const { Item } = await local.dynamoDb.send(
    new GetItemCommand({
      TableName: tables.UsersTable.name,
      Key: { PK: { S: 'user-1' }, SK: { S: 'PROFILE' } },
    }),
  );
  expect(Item?.plan).toEqual({ S: 'a' });
});

describe('$request.body.input', () => {
  test.each([
    ['an object', '{"input": {"a": [1, null]}}', '{"a":[1,null]}'],
    ['a number', '{"input": 5}', '5'],
    ['a string that is JSON text', '{"input": "{\\"a\\": 1}"}', '{"a": 1}'],
  ])('%s is passed on as its JSON text', async (_, body, input) => {
    const started = await post(body);
    expect(started.status).toBe(200);
    expect((await describeExecution(started.body.executionArn)).input).toBe(input);
  });

  test('a string that is not JSON text is refused by Step Functions', async () => {
    expect(await post('{"input": "Jane"}')).toMatchObject({
      status: 400,
      body: {
        __type: 'com.amazonaws.swf.service.v2.model#InvalidExecutionInput',
        message: expect.stringContaining('Invalid State Machine Execution Input'),
      },
    });
  });

  const padded = (bytes: number) => {
    const body = (padding: string) => JSON.stringify({ input: { padding } });
    return body('x'.repeat(bytes - body('').length));
  };

  test('must lie within the first 100 KB of the body', async () => {
    expect((await post(padded(100 * 1024))).status).toBe(200);
    expect(await post(padded(100 * 1024 + 1))).toEqual(badRequest);
  });

  test('must lie within 100 KB counted in bytes, not characters', async () => {
    expect(await post(JSON.stringify({ input: { padding: 'é'.repeat(60_000) } }))).toEqual(
      badRequest,
    );
  });

  const badRequest = { status: 400, body: { message: 'Bad Request' } };
  test.each([
    '{}',
    '{"input": null}',
    '{"Input": {}}',
    '[]',
    'null',
    '"input"',
    '',
    '{"input":',
    'input=1',
  ])('is missing from the body %j, which is refused', async (body) => {
    expect(await post(body)).toEqual(badRequest);
  });

  test('is not read from the prototype of the body', async () => {
    expect(await post('{"__proto__": {"input": {}}}')).toEqual(badRequest);
  });
});

test('a body of more than 10 MB is refused with 413', async () => {
  expect(await post(`{"input":{}}${' '.repeat(10 * 1024 * 1024)}`)).toEqual({
    status: 413,
    body: { message: 'Request Entity Too Large' },
  });
});

test.each([
  ['POST', '/'],
  ['POST', '/new-user/'],
  ['POST', '/New-User'],
  ['GET', '/new-user'],
  ['PUT', '/new-user'],
])('%s %s returns 404', async (method, path) => {
  const response = await fetch(`${local.aws.apiGatewayUrl}${path}`, { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ message: 'Not Found' });
});

test('a query string is ignored', async () => {
  expect((await post('{"input":{}}', '/new-user?stage=dev')).status).toBe(200);
});

test('an error of Step Functions is passed on unchanged', async () => {
  const gateway = await startApiGateway(anyPort, {
    stepFunctionsUrl: local.aws.stepFunctionsUrl,
    stateMachineArn: `${local.aws.workflowArn}-gone`,
  });
  const response = await fetch(`${gateway.url}/new-user`, { method: 'POST', body: '{"input":{}}' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    __type: 'com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist',
  });
  await gateway.close();
});

test('a gateway that cannot reach Step Functions returns 500 without details', async () => {
  const target = { stepFunctionsUrl: 'http://127.0.0.1:9', stateMachineArn: local.aws.workflowArn };
  const gateway = await startApiGateway(anyPort, target);
  const response = await fetch(`${gateway.url}/new-user`, { method: 'POST', body: '{"input":{}}' });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  await gateway.close();
});

const anyPort = { port: 0, variable: 'LOCAL_API_GATEWAY_PORT' };
