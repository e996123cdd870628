import { expect, test } from 'vitest';
import { startIssuer } from '../http/authentication/issuer.ts';
import { startApp } from '../support/app.ts';
import { callRoute } from '../support/call-route.ts';
import { closeAfterwards, startBehind } from '../support/start-behind.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import {
  awsError,
  cutBody,
  type Fault,
  foreignResponse,
  resetAfter,
  resetBefore,
} from '../support/step-functions-stub/faults.ts';
import type { Call } from '../support/step-functions-stub/stub.ts';

const withKey = { headers: { 'idempotency-key': '"8e03978e"' } };
const running = { what: 'is running', executionMilliseconds: Number.POSITIVE_INFINITY };
const closed = { what: 'has ended', executionMilliseconds: 0 };

const faultOf =
  (operation: Call['operation'], fault: Fault, attempts = Number.POSITIVE_INFINITY) =>
  (call: Call) =>
    call.operation === operation && call.attempt <= attempts ? fault : undefined;

test.each([running, closed])(
  'the same key with the same request starts one execution, which $what',
  async (behaviour) => {
    const { stub, url } = await startBehind(behaviour);
    const responses = [];
    for (let i = 0; i < 3; i += 1) responses.push(await callRoute(url, 'start', withKey));
    const [arn] = stub.executions.keys();
    expect(stub.executions.size).toBe(1);
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202]);
    for (const { text } of responses) expect(JSON.parse(text).executionArn).toBe(arn);
  },
);

test.each([running, closed])(
  'the same key with another request gets 422, when the execution $what',
  async (behaviour) => {
    const { stub, url } = await startBehind(behaviour);
    expect((await callRoute(url, 'start', { ...withKey, userId: 'one' })).outcome).toBe('202');
    const other = await callRoute(url, 'start', { ...withKey, userId: 'two' });
    expect(other.outcome).toBe('422 idempotency-key-reused');
    expect(stub.executions.size).toBe(1);
  },
);

test('a replay after the end has Idempotent-Replayed, and a first start does not', async () => {
  const { url } = await startBehind(closed);
  const replayed = async () =>
    (await callRoute(url, 'start', withKey)).headers.get('idempotent-replayed');
  expect([await replayed(), await replayed()]).toEqual([null, 'true']);
});

test('concurrent replays share one DescribeExecution call, and an ended execution is not reported as running', async () => {
  const { stub, url } = await startBehind(
    { ...closed, script: faultOf('StartExecution', resetAfter, 1) },
    { DESCRIBE_BURST: '2', DESCRIBE_RATE: '0.1' },
  );
  const replays = await Promise.all(
    Array.from({ length: 20 }, () => callRoute(url, 'start', withKey)),
  );
  expect(new Set(replays.map(({ outcome }) => outcome))).toEqual(new Set(['202']));
  expect(stub.calls('DescribeExecution')).toBe(1);
  const [arn] = stub.executions.keys();
  const status = await fetch(`${url}/onboarding-status/${arn}`);
  expect(await status.json()).toMatchObject({ status: 'SUCCEEDED' });
});

test('without a key, every request starts an execution', async () => {
  const { stub, url } = await startBehind({});
  await Promise.all([callRoute(url, 'start'), callRoute(url, 'start'), callRoute(url, 'start')]);
  expect(stub.executions.size).toBe(3);
});

test.each([
  ['lost', resetAfter],
  ['cut short', cutBody],
])(
  'a first attempt whose response was %s counts as the start of this request, after one DescribeExecution',
  async (_what, fault) => {
    const script = faultOf('StartExecution', fault, 1);
    const { stub, url } = await startBehind({ ...closed, script });
    const { outcome, text, headers } = await callRoute(url, 'start', withKey);
    const [arn = ''] = stub.executions.keys();
    expect(outcome).toBe('202');
    expect(JSON.parse(text).executionArn).toBe(arn);
    expect(headers.has('idempotent-replayed')).toBe(false);
    expect(stub.executions.size).toBe(1);
    expect(stub.calls('StartExecution')).toBe(2);
    expect(stub.received('DescribeExecution')).toEqual(new Map([[arn, 1]]));
  },
);

test('without a key, a first attempt whose response was lost counts as the start without DescribeExecution', async () => {
  const { stub, url } = await startBehind({
    ...closed,
    script: ({ operation, attempt }) => {
      if (operation === 'DescribeExecution') return awsError('ThrottlingException');
      return attempt === 1 ? resetAfter : undefined;
    },
  });
  const { outcome, text } = await callRoute(url, 'start');
  expect(outcome).toBe('202');
  expect([JSON.parse(text).executionArn]).toEqual([...stub.executions.keys()]);
  expect(stub.calls('DescribeExecution')).toBe(0);
});

test.each([
  ['is throttled', '503 step-functions-throttled', awsError('ThrottlingException')],
  ['loses its connection', '503 step-functions-unavailable', resetBefore],
  ['is not allowed', '502 step-functions-misconfigured', awsError('AccessDeniedException')],
  // DescribeExecution is eventually consistent.
  ['comes too early', '503 step-functions-unavailable', awsError('ExecutionDoesNotExist')],
])(
  'a replay whose DescribeExecution %s gets %s and can be repeated',
  async (_what, expected, fault) => {
    const { stub, url } = await startBehind({
      ...closed,
      script: faultOf('DescribeExecution', fault, 1),
    });
    expect((await callRoute(url, 'start', withKey)).outcome).toBe('202');
    expect((await callRoute(url, 'start', withKey)).outcome).toBe(expected);
    expect((await callRoute(url, 'start', withKey)).outcome).toBe('202');
    expect(stub.executions.size).toBe(1);
  },
);

test.each(['', '""', '"open', 'two words', '"a", "b"', '42.5;', `"${'x'.repeat(256)}"`])(
  'the malformed key %j gets 400, and nothing is sent',
  async (key) => {
    const { stub, url } = await startBehind({});
    const { status } = await callRoute(url, 'start', { headers: { 'idempotency-key': key } });
    expect(status).toBe(400);
    expect(stub.calls('StartExecution')).toBe(0);
  },
);

test('the execution name depends only on the key, and is one that CloudWatch can log', async () => {
  const { stub, url } = await startBehind({});
  for (const key of ['"a b/c\\"d"', 'token', '"token"', `"${'x'.repeat(255)}"`]) {
    expect((await callRoute(url, 'start', { headers: { 'idempotency-key': key } })).outcome).toBe(
      '202',
    );
  }
  const names = [...stub.received('StartExecution').keys()];
  // `token` and `"token"` are the same key.
  expect(names).toHaveLength(3);
  expect([...stub.executions.keys()]).toEqual(names.map(executionArnOf));
  for (const name of names) expect(name).toMatch(/^user-onboarding-key-[0-9A-Za-z_-]{1,60}$/);
});

test('the same key of another caller starts another execution', async () => {
  const [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  closeAfterwards(issuer);
  closeAfterwards(other);
  const { stub, url } = await startBehind({}, issuer.settings);
  const elsewhere = await startApp(stub.url, other.settings);
  closeAfterwards(elsewhere);
  const arnFor = async (at: string, { token }: typeof issuer, sub: string) => {
    const authorization = `Bearer ${await token({ claims: { sub } })}`;
    const headers = { 'idempotency-key': '"k"', authorization };
    const { outcome, text } = await callRoute(at, 'start', { headers });
    expect(outcome).toBe('202');
    return JSON.parse(text).executionArn;
  };
  const first = await arnFor(url, issuer, 'one');
  expect(await arnFor(url, issuer, 'one')).toBe(first);
  await arnFor(url, issuer, 'two');
  // The same subject, of another issuer.
  await arnFor(elsewhere.url, other, 'one');
  expect(stub.executions.size).toBe(3);
});

test('a start with a key is a replay if its start date is before the request; one without a key never is', async () => {
  const script = ({ key }: Call) =>
    foreignResponse(
      200,
      'application/x-amz-json-1.0',
      JSON.stringify({ executionArn: executionArnOf(key), startDate: Date.now() / 1000 - 90 }),
    );
  const { url } = await startBehind({ script });
  const replayed = async (headers: Record<string, string> = {}) =>
    (await callRoute(url, 'start', { headers })).headers.get('idempotent-replayed');
  expect(await replayed({ 'idempotency-key': '"k"' })).toBe('true');
  expect(await replayed()).toBeNull();
});

test('a replay of an ended execution does not make its status RUNNING again', async () => {
  const { stub, url } = await startBehind({ executionMilliseconds: 0 });
  await callRoute(url, 'start', withKey);
  const another = await startApp(stub.url);
  closeAfterwards(another);
  const { executionArn } = JSON.parse((await callRoute(another.url, 'start', withKey)).text);
  const status = await fetch(`${another.url}/onboarding-status/${executionArn}`);
  expect(await status.json()).toMatchObject({ status: 'SUCCEEDED' });
});

test('the DescribeExecution of a replay takes a token of the budget', async () => {
  const { url } = await startBehind(
    { executionMilliseconds: 0 },
    { DESCRIBE_BURST: '9', DESCRIBE_RATE: '0.1' },
  );
  await callRoute(url, 'start', withKey);
  await callRoute(url, 'start', withKey);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const [, tokens] =
    /^step_functions_budget_tokens\{operation="DescribeExecution"\} (\S+)$/m.exec(metrics) ?? [];
  expect(Number(tokens)).toBeLessThan(9);
});
