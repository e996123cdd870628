import { expect, test } from 'vitest';
import { startIssuer } from '../http/issuer.ts';
import { startApp } from '../support/app.ts';
import { ask } from '../support/ask.ts';
import { closeAfterwards, startBehind } from '../support/start-behind.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import {
  awsError,
  cutBody,
  type Fault,
  foreignAnswer,
  resetAfter,
  resetBefore,
} from '../support/step-functions-stub/faults.ts';
import type { Call } from '../support/step-functions-stub/stub.ts';

const keyed = { headers: { 'idempotency-key': '"8e03978e"' } };
const running = { what: 'running', executionMilliseconds: Number.POSITIVE_INFINITY };
const closed = { what: 'closed already', executionMilliseconds: 0 };

const faultOf =
  (operation: Call['operation'], fault: Fault, attempts = Number.POSITIVE_INFINITY) =>
  (call: Call) =>
    call.operation === operation && call.attempt <= attempts ? fault : undefined;

test.each([running, closed])('same key, same request: one execution ($what)', async (behaviour) => {
  const { stub, url } = await startBehind(behaviour);
  const answers = [];
  for (let i = 0; i < 3; i += 1) answers.push(await ask(url, 'start', keyed));
  const [arn] = stub.executions.keys();
  expect(stub.executions.size).toBe(1);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  for (const { text } of answers) expect(JSON.parse(text).executionArn).toBe(arn);
});

test.each([running, closed])('same key, other request: 422 ($what)', async (behaviour) => {
  const { stub, url } = await startBehind(behaviour);
  expect((await ask(url, 'start', { ...keyed, userId: 'one' })).answer).toBe('202');
  const other = await ask(url, 'start', { ...keyed, userId: 'two' });
  expect(other.answer).toBe('422 idempotency-key-reused');
  expect(stub.executions.size).toBe(1);
});

test('a replay says so once the execution has closed, and a first start never does', async () => {
  const { url } = await startBehind(closed);
  const replayed = async () => (await ask(url, 'start', keyed)).headers.get('idempotent-replayed');
  expect([await replayed(), await replayed()]).toEqual([null, 'true']);
});

test('replays cost one description, and what ended is never reported to run', async () => {
  const { stub, url } = await startBehind(
    { ...closed, script: faultOf('StartExecution', resetAfter, 1) },
    { DESCRIBE_BURST: '2', DESCRIBE_RATE: '0.1' },
  );
  const replays = await Promise.all(Array.from({ length: 20 }, () => ask(url, 'start', keyed)));
  expect(new Set(replays.map(({ answer }) => answer))).toEqual(new Set(['202']));
  expect(stub.calls('DescribeExecution')).toBe(1);
  const [arn] = stub.executions.keys();
  const status = await fetch(`${url}/onboarding-status/${arn}`);
  expect(await status.json()).toMatchObject({ status: 'SUCCEEDED' });
});

test('without a key every request starts an execution', async () => {
  const { stub, url } = await startBehind({});
  await Promise.all([ask(url, 'start'), ask(url, 'start'), ask(url, 'start')]);
  expect(stub.executions.size).toBe(3);
});

test.each([
  ['reset', resetAfter],
  ['cut short', cutBody],
])('a first attempt whose answer was %s is our own start, once described', async (_what, fault) => {
  const script = faultOf('StartExecution', fault, 1);
  const { stub, url } = await startBehind({ ...closed, script });
  const { answer, text, headers } = await ask(url, 'start', keyed);
  const [arn = ''] = stub.executions.keys();
  expect(answer).toBe('202');
  expect(JSON.parse(text).executionArn).toBe(arn);
  expect(headers.has('idempotent-replayed')).toBe(false);
  expect(stub.executions.size).toBe(1);
  expect(stub.calls('StartExecution')).toBe(2);
  expect(stub.received('DescribeExecution')).toEqual(new Map([[arn, 1]]));
});

test('without a key, a first attempt whose answer was lost is our own start, whatever describes', async () => {
  const { stub, url } = await startBehind({
    ...closed,
    script: ({ operation, attempt }) => {
      if (operation === 'DescribeExecution') return awsError('ThrottlingException');
      return attempt === 1 ? resetAfter : undefined;
    },
  });
  const { answer, text } = await ask(url, 'start');
  expect(answer).toBe('202');
  expect([JSON.parse(text).executionArn]).toEqual([...stub.executions.keys()]);
  expect(stub.calls('DescribeExecution')).toBe(0);
});

test.each([
  ['throttled', awsError('ThrottlingException'), '503 step-functions-throttled'],
  ['reset', resetBefore, '503 step-functions-unavailable'],
  ['refused', awsError('AccessDeniedException'), '502 step-functions-misconfigured'],
  // It is eventually consistent.
  ['too early', awsError('ExecutionDoesNotExist'), '503 step-functions-unavailable'],
])('a settlement that is %s is no answer about the key', async (_what, fault, expected) => {
  const { stub, url } = await startBehind({
    ...closed,
    script: faultOf('DescribeExecution', fault, 1),
  });
  expect((await ask(url, 'start', keyed)).answer).toBe('202');
  expect((await ask(url, 'start', keyed)).answer).toBe(expected);
  expect((await ask(url, 'start', keyed)).answer).toBe('202');
  expect(stub.executions.size).toBe(1);
});

test.each(['', '""', '"open', 'two words', '"a", "b"', '42.5;', `"${'x'.repeat(256)}"`])(
  'the key %j is malformed, and nothing is sent',
  async (key) => {
    const { stub, url } = await startBehind({});
    const { status } = await ask(url, 'start', { headers: { 'idempotency-key': key } });
    expect(status).toBe(400);
    expect(stub.calls('StartExecution')).toBe(0);
  },
);

test('the name comes from the key alone, and is one that CloudWatch can log', async () => {
  const { stub, url } = await startBehind({});
  for (const key of ['"a b/c\\"d"', 'token', '"token"', `"${'x'.repeat(255)}"`]) {
    expect((await ask(url, 'start', { headers: { 'idempotency-key': key } })).answer).toBe('202');
  }
  const names = [...stub.received('StartExecution').keys()];
  // A bare token is the same key as the string.
  expect(names).toHaveLength(3);
  expect([...stub.executions.keys()]).toEqual(names.map(executionArnOf));
  for (const name of names) expect(name).toMatch(/^user-onboarding-key-[0-9A-Za-z_-]{1,60}$/);
});

test("a key is its caller's own: whoever else uses it starts another execution", async () => {
  const [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  closeAfterwards(issuer);
  closeAfterwards(other);
  const { stub, url } = await startBehind({}, issuer.settings);
  const elsewhere = await startApp(stub.url, other.settings);
  closeAfterwards(elsewhere);
  const arnFor = async (at: string, { token }: typeof issuer, sub: string) => {
    const authorization = `Bearer ${await token({ claims: { sub } })}`;
    const answer = await ask(at, 'start', { headers: { 'idempotency-key': '"k"', authorization } });
    expect(answer.answer).toBe('202');
    return JSON.parse(answer.text).executionArn;
  };
  const first = await arnFor(url, issuer, 'one');
  expect(await arnFor(url, issuer, 'one')).toBe(first);
  await arnFor(url, issuer, 'two');
  // The same subject, as another issuer has it.
  await arnFor(elsewhere.url, other, 'one');
  expect(stub.executions.size).toBe(3);
});

test('a keyed start that is older than the request is a replay; without a key there are none', async () => {
  const script = ({ key }: Call) =>
    foreignAnswer(
      200,
      'application/x-amz-json-1.0',
      JSON.stringify({ executionArn: executionArnOf(key), startDate: Date.now() / 1000 - 90 }),
    );
  const { url } = await startBehind({ script });
  const replayed = async (headers: Record<string, string> = {}) =>
    (await ask(url, 'start', { headers })).headers.get('idempotent-replayed');
  expect(await replayed({ 'idempotency-key': '"k"' })).toBe('true');
  expect(await replayed()).toBeNull();
});

test('a replay of an execution that has closed does not make it run again', async () => {
  const { stub, url } = await startBehind({ executionMilliseconds: 0 });
  await ask(url, 'start', keyed);
  const another = await startApp(stub.url);
  closeAfterwards(another);
  const { executionArn } = JSON.parse((await ask(another.url, 'start', keyed)).text);
  const status = await fetch(`${another.url}/onboarding-status/${executionArn}`);
  expect(await status.json()).toMatchObject({ status: 'SUCCEEDED' });
});

test('a settlement counts in the budget of DescribeExecution', async () => {
  const { url } = await startBehind(
    { executionMilliseconds: 0 },
    { DESCRIBE_BURST: '9', DESCRIBE_RATE: '0.1' },
  );
  await ask(url, 'start', keyed);
  await ask(url, 'start', keyed);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const [, tokens] =
    /^step_functions_budget_tokens\{operation="DescribeExecution"\} (\S+)$/m.exec(metrics) ?? [];
  expect(Number(tokens)).toBeLessThan(9);
});
