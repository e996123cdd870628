import { debug, info, log as print } from 'node:console';
import { expect, test, vi } from 'vitest';
import {
  type LambdaFunction,
  lambdaIntegrations,
} from '../../../src/local-aws/integrations/lambda.ts';
import type { Json, TaskLog } from '../../../src/local-aws/states-language/execution.ts';

function invoke(
  handler: LambdaFunction['handler'],
  more: Record<string, Json> = {},
  log: TaskLog = () => {},
) {
  const integration = lambdaIntegrations(new Map([['greet', { handler }]])).get('lambda:invoke');
  if (!integration) throw new Error('There is no lambda:invoke.');
  return integration({ FunctionName: 'greet', ...more }, new AbortController().signal, log);
}

test('the result has the shape of a Lambda response, with the payload inside', async () => {
  const handler = async (event: unknown) => ({ received: event });
  expect(await invoke(handler, { Payload: { a: [1, null] } })).toMatchObject({
    ExecutedVersion: '$LATEST',
    Payload: { received: { a: [1, null] } },
    StatusCode: 200,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test.each([
  ['nothing', undefined, null],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['values that JSON cannot hold', { a: undefined, b: Number.NaN }, { b: null }],
])(
  'a handler result of %s is serialised as by JSON.stringify',
  async (_what, returned, payload) => {
    const result = await invoke(async () => returned);
    expect(Object(result).Payload).toEqual(payload);
  },
);

test('a function that is called without a Payload gets an empty object', async () => {
  const result = await invoke(async (event) => event);
  expect(Object(result).Payload).toEqual({});
});

test.each<[string, Json, Json]>([
  ['a string of a number is that number', '0', 0],
  ['a string of an object is that object', '{"a":[1]}', { a: [1] }],
  ['a string of a JSON string is that string', '"text"', 'text'],
  ['null is an empty object', null, {}],
  ['a string of null is null', 'null', null],
])('as a Payload, %s', async (_what, Payload, event) => {
  const result = await invoke(async (given) => given, { Payload });
  expect(Object(result).Payload).toEqual(event);
});

test('a Payload string that is not JSON is refused', async () => {
  await expect(invoke(async () => 1, { Payload: 'text' })).rejects.toMatchObject({
    error: 'Lambda.InvalidRequestContentException',
    cause: expect.stringMatching(/^Could not parse request body into json \(Service: AWSLambda; /),
  });
});

test('LogType Tail returns a LogResult in Base64', async () => {
  const result = await invoke(async () => 1, { LogType: 'Tail' });
  const log = Buffer.from(String(Object(result).LogResult), 'base64').toString();
  expect(log).toMatch(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST\n/);
  expect(await invoke(async () => 1)).not.toHaveProperty('LogResult');
});

const silent = () => vi.spyOn(process.stdout, 'write').mockReturnValue(true);

test('each function’s console output is its own log, even when functions run concurrently', async () => {
  const write = silent();
  const printTwice = (name: string) => async () => {
    print('%s begins', name);
    await new Promise(setImmediate);
    debug({ name });
  };
  const lines = { a: [] as string[], b: [] as string[] };
  await Promise.all([
    invoke(printTwice('a'), {}, (line) => lines.a.push(line)),
    invoke(printTwice('b'), {}, (line) => lines.b.push(line)),
  ]);
  print('outside of any function');
  write.mockRestore();
  expect(lines).toEqual({
    a: ['INFO a begins', "DEBUG { name: 'a' }"],
    b: ['INFO b begins', "DEBUG { name: 'b' }"],
  });
});

test('LogResult is the last 4 KB of what the function printed', async () => {
  const write = silent();
  const handler = async () => {
    for (let line = 1; line <= 1000; line += 1) info('line', line);
  };
  const result = await invoke(handler, { LogType: 'Tail' });
  write.mockRestore();
  const log = Buffer.from(String(Object(result).LogResult), 'base64').toString();
  expect(log).toMatch(/\nINFO line 999\nINFO line 1000\nEND RequestId: [0-9a-f-]{36}\n$/);
  expect(log).toHaveLength(4096);
});

test('a handler that changes its event does not change the workflow’s data', async () => {
  const Payload = { list: [1] };
  await invoke(async (event) => Object.assign(Object(event), { list: 'changed' }), { Payload });
  expect(Payload).toEqual({ list: [1] });
});

test.each([
  'greet',
  'greet:$LATEST',
  '123456789012:function:greet',
  'arn:aws:lambda:us-east-1:123456789012:function:greet',
  'arn:aws:lambda:us-east-1:123456789012:function:greet:live',
])('the FunctionName %s is accepted', async (FunctionName) => {
  expect(await invoke(async () => 'hello', { FunctionName })).toMatchObject({ Payload: 'hello' });
});

test('a function that does not exist fails with Lambda.ResourceNotFoundException', async () => {
  await expect(invoke(async () => 'hello', { FunctionName: 'other' })).rejects.toMatchObject({
    error: 'Lambda.ResourceNotFoundException',
    cause: expect.stringMatching(
      /^Function not found: arn:aws:lambda:us-east-1:123456789012:function:other:\$LATEST \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [\w-]+; Proxy: null\)$/,
    ),
  });
});

test('a thrown error keeps its name, with Lambda’s report as the cause', async () => {
  class NotWelcome extends Error {
    override readonly name = 'NotWelcome';
  }
  const thrown = await invoke(async () => {
    throw new NotWelcome('Go away.');
  }).catch((error) => error);
  expect(thrown).toMatchObject({ name: 'StatesError', error: 'NotWelcome' });
  expect(JSON.parse(thrown.cause)).toEqual({
    errorType: 'NotWelcome',
    errorMessage: 'Go away.',
    trace: expect.arrayContaining(['NotWelcome: Go away.']),
  });
});

test('a thrown value that is not an Error is reported by its type', async () => {
  await expect(invoke(() => Promise.reject('no'))).rejects.toMatchObject({
    error: 'string',
    cause: '{"errorType":"string","errorMessage":"no","trace":[]}',
  });
});

test.each([
  ['a cycle', () => Object.assign([], { 0: globalThis })],
  ['a bigint', () => 1n],
])('a result with %s, which JSON cannot hold, fails the function', async (_what, returned) => {
  await expect(invoke(async () => returned())).rejects.toMatchObject({
    error: 'Runtime.JSONStringifyError',
  });
});

test('an unsupported InvocationType is refused', async () => {
  await expect(invoke(async () => 1, { InvocationType: 'Event' })).rejects.toMatchObject({
    error: 'States.Runtime',
    cause: expect.stringContaining('Invalid: InvocationType'),
  });
});
