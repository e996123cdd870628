import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onboardingRequest } from '../../support/app.ts';
import { startWithConsole, type WithConsole } from './start-console.ts';

let local: WithConsole;

beforeAll(async () => {
  local = await startWithConsole();
});
afterAll(() => local.close());

const getJson = async (path: string) => JSON.parse(await (await fetch(local.url + path)).text());

function post(path: string, body: object) {
  return fetch(local.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function onboard(way: string, body: object): Promise<string> {
  const response = await post('/api/onboardings', { way, body: JSON.stringify(body) });
  const exchange = JSON.parse(await response.text());
  return JSON.parse(exchange.body).executionArn;
}

const executionPath = (arn: string) => `/api/executions/${encodeURIComponent(arn)}`;

/** Sends a request with headers that `fetch` does not allow, such as `Host`. Returns its status. */
async function statusOf(path: string, headers: Record<string, string>, method = 'GET') {
  const sent = request(local.url + path, { method, headers: { ...headers } });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  sent.on('response', async (response) => {
    await text(response);
    resolve(response.statusCode);
  });
  sent.on('error', reject).end();
  return promise;
}

describe('the console', () => {
  const path = '/api/executions';

  test('responds to its own page and to programs on this machine', async () => {
    const host = new URL(local.url).host;
    expect(await statusOf(path, { 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await statusOf(path, { origin: local.url })).toBe(200);
    expect(await statusOf(path, { host: host.replace('127.0.0.1', 'localhost') })).toBe(200);
    expect(await statusOf(path, {})).toBe(200);
  });

  test.each([
    ['another host name, as in DNS rebinding', { host: 'attacker.example' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['another origin', { origin: 'https://attacker.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    [
      'a script element of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ],
    ['another port on this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('refuses a request from %s', async (_who, headers) => {
    expect(await statusOf(path, headers)).toBe(403);
    expect(await statusOf('/', headers)).toBe(403);
  });

  test('can be opened by a link from another page, but refuses a form posted from one', async () => {
    const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await statusOf('/', navigation)).toBe(200);
    expect(await statusOf('/api/executions', navigation, 'POST')).toBe(403);
  });
});

const reference = /(?: (?:src|href)="|^(?:import|\}) .*from '|^import ')(?<target>[^"'#]+)["']/gm;

test('the page loads everything from the console, under a strict content security policy', async () => {
  const seen = new Set(['/']);
  // The loop also visits the paths that it adds.
  for (const path of seen) {
    const response = await fetch(local.url + path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const source = await response.text();
    for (const [, target = ''] of source.matchAll(reference)) {
      if (target.startsWith('.') || target.startsWith('/')) {
        seen.add(new URL(target, local.url + path).pathname);
      } else {
        expect(['preact', 'preact/hooks']).toContain(target);
        seen.add(`/packages/${target}`);
      }
    }
  }
  expect([...seen].filter((path) => path.endsWith('.ts')).length).toBeGreaterThan(15);
});

test.each([
  '/src/settings.ts',
  '/src/local-aws/console/page/../console.ts',
  '/packages/fastify',
  '/nothing',
])('%s is not served', async (path) => {
  expect(await statusOf(path, {})).toBe(404);
});

test('an onboarding that is started in any of the three ways is listed with its origin', async () => {
  const body = onboardingRequest('user-ways');
  const arns = [
    await onboard('sync', body),
    await onboard('async', body),
    await onboard('no-code', { input: body }),
  ];
  const listed: { arn: string }[] = await getJson('/api/executions');
  expect(arns.map((arn) => listed.find((each) => each.arn === arn))).toMatchObject([
    { type: 'EXPRESS', origin: 'POST /process-user-onboarding-sync', userId: 'user-ways' },
    { type: 'STANDARD', origin: 'POST /process-user-onboarding', userId: 'user-ways' },
    { type: 'STANDARD', origin: 'POST /new-user', userId: 'user-ways' },
  ]);
});

test('an execution has its output and a graph', async () => {
  const arn = await onboard('sync', onboardingRequest('user-detail'));
  const { constants, status, output } = await getJson(executionPath(arn));
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output)).toMatchObject({ userId: 'user-detail' });
  const names = constants.graph.nodes.map(({ name }: { name: string }) => name);
  expect(names).toContain('SaveUser');
});

test('an execution can be stopped with a reason and started again with another input', async () => {
  const stateMachineArn = await local.createStateMachine('waits', {
    Rest: { Type: 'Wait', Seconds: 600, End: true },
  });
  const started = await post('/api/executions', {
    stateMachineArn,
    input: '{"user":{"userId":"a"}}',
  });
  const { arn } = JSON.parse(await started.text());
  await post(`${executionPath(arn)}/stop`, { cause: 'No longer wanted.' });
  expect(await getJson(executionPath(arn))).toMatchObject({
    status: 'ABORTED',
    cause: 'No longer wanted.',
    origin: 'Console',
  });
  const again = await post('/api/executions', {
    stateMachineArn,
    input: '{"user":{"userId":"b"}}',
  });
  const second = JSON.parse(await again.text()).arn;
  expect(await getJson(executionPath(second))).toMatchObject({
    status: 'RUNNING',
    userId: 'b',
    note: 'Rest, waiting',
  });
  await post(`${executionPath(second)}/stop`, {});
});

test('an unknown execution and an invalid input return 400 with a message', async () => {
  const unknown = await fetch(local.url + executionPath('arn:of:nothing'));
  expect([unknown.status, await unknown.json()]).toEqual([
    400,
    { message: "Execution Does Not Exist: 'arn:of:nothing'" },
  ]);
  const notJson = await post('/api/executions', {
    stateMachineArn: local.aws.workflowArn,
    input: '{',
  });
  expect(await notJson.json()).toEqual({
    message: "Invalid State Machine Execution Input: 'The input is not valid JSON.'",
  });
});

test('tables and queues are shown, and viewing messages does not receive them', async () => {
  await onboard('sync', onboardingRequest('user-came'));
  const tables: { name: string; items: object[] }[] = await getJson('/api/users');
  const users = tables.find(({ name }) => name === 'user-onboarding');
  expect(users?.items).toContainEqual(
    expect.objectContaining({
      userId: 'user-came',
      metadata: onboardingRequest().user.metadata,
    }),
  );
  for (let view = 0; view < 10; view += 1) {
    const queues: { name: string; items: { body: { userId: string } }[] }[] =
      await getJson('/api/messages');
    const messages = queues.find(({ name }) => name === 'user-onboarded')?.items ?? [];
    expect(messages.some(({ body }) => body.userId === 'user-came')).toBe(true);
  }
});

test('changes are sent as they happen', async () => {
  const response = await fetch(`${local.url}/api/changes`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const arn = await onboard('sync', onboardingRequest('user-live'));
  let received = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    received += decoder.decode(chunk, { stream: true });
    if (received.includes(arn) && received.includes('SUCCEEDED')) break;
  }
  expect(received).toContain('user-live');
});
