import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startedResponseSchema } from '../../src/onboarding/responses.ts';
import { waitAnHour } from '../local-aws/local-aws-clients.ts';
import { onboardingRequest, type RunningApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, problemIn, startPath } from '../support/requests.ts';

let running: AppOnLocalAws;
/** Its workflow takes an hour. */
let slow: RunningApp;
beforeAll(async () => {
  running = await startAppOnLocalAws();
  slow = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: await running.local.createStateMachine('slow', waitAnHour),
  });
});
afterAll(async () => {
  await slow.close();
  await running.close();
});

function start(body: unknown, headers: Readonly<Record<string, string>> = {}, url = running.url) {
  return post(`${url}${startPath}`, body, headers);
}

/** The execution of a 202, as DescribeExecution returns it. */
async function executionOf(response: Response) {
  expect(response.status).toBe(202);
  const { executionArn } = startedResponseSchema.parse(await response.json());
  return running.local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
}

test('202 has the execution ARN, the tracking id and the URL of the status', async () => {
  const response = await start(onboardingRequest('user-1'));
  expect(response.status).toBe(202);
  const body = startedResponseSchema.loose().parse(await response.json());
  expect(body).toEqual({
    message: 'User onboarding started',
    executionArn: expect.stringMatching(
      /^arn:aws:states:us-east-1:123456789012:execution:user-onboarding:user-onboarding-user-1-[0-9a-f-]{36}$/,
    ),
    trackingId: 'user-1',
  });
  expect(response.headers.get('location')).toBe(`/onboarding-status/${body.executionArn}`);
  expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(response.headers.has('idempotent-replayed')).toBe(false);
});

test('Location works for a state machine whose name is not ASCII', async () => {
  const arn = await running.local.createStateMachine('新規登録', waitAnHour);
  const other = await running.startAnother({ STEP_FUNCTIONS_WORKFLOW_ARN: arn });
  const response = await start(onboardingRequest(), {}, other.url);
  expect(response.status).toBe(202);
  const { executionArn } = startedResponseSchema.parse(await response.json());
  expect(executionArn).toContain(':新規登録:');
  const status = await fetch(`${other.url}${response.headers.get('location')}`);
  expect(await status.json()).toMatchObject({ executionArn, status: 'RUNNING' });
  await other.close();
});

test('502 when STEP_FUNCTIONS_WORKFLOW_ARN is of an Express state machine', async () => {
  const { workflowArn, expressWorkflowArn } = running.local.aws;
  const swapped = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: expressWorkflowArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: workflowArn,
  });
  const problem = await problemIn(await start(onboardingRequest(), {}, swapped.url));
  expect(problem).toMatchObject({ status: 502, type: '/problems/step-functions-misconfigured' });
  await swapped.close();
  const { err } = await vi.waitUntil(() => swapped.log.find(({ level }) => level === 50));
  expect(err).toMatchObject({
    message: 'STEP_FUNCTIONS_WORKFLOW_ARN is the ARN of an Express state machine.',
  });
});

test.each([
  ['of 128 characters', 'x'.repeat(128)],
  ['with spaces', ' Jane Doe '],
  ['with slashes', 'team/jane\\doe'],
  ['with quotes', `"Jane" 'Doe'`],
  ['with accents', 'Zoë Müller'],
  ['of 128 emoji', '🎉'.repeat(128)],
  ['of characters that Step Functions refuses in names', '<>{}[]?*"#%\\^|~`$&,;:/\u0000'],
])(
  'a userId %s starts an execution and is returned unchanged as the trackingId',
  async (_what, userId) => {
    const response = await start(onboardingRequest(userId));
    const { trackingId } = startedResponseSchema.parse(await response.clone().json());
    expect(trackingId).toBe(userId);
    const { input, name } = await executionOf(response);
    expect(JSON.parse(input ?? '').user.userId).toBe(userId);
    expect(name).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
  },
);

type Entries = [name: string, value: unknown][];
const pascalCase = (name: string) => name.replace(/^./, (first) => first.toUpperCase());
const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`);

/** Rewrites the members of an object and of the objects in it. */
function rewritten(value: object, rewrite: (members: Entries) => Entries): object {
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    typeof member === 'object' ? rewritten(member, rewrite) : member,
  ]);
  return Object.fromEntries(rewrite(members));
}

test('the workflow gets the same bytes for any case and order of the names', async () => {
  const request = onboardingRequest();
  const spellings = [
    request,
    rewritten(request, (members) => members.map(([name, value]) => [pascalCase(name), value])),
    rewritten(request, (members) => members.map(([name, value]) => [snakeCase(name), value])),
    { ...rewritten(request, (members) => members.toReversed()), role: 'admin' },
  ];
  const executions = await Promise.all(
    spellings.map(async (body) => executionOf(await start(body))),
  );
  expect(new Set(executions.map(({ input }) => input))).toEqual(new Set([JSON.stringify(request)]));
  expect(new Set(executions.map(({ name }) => name)).size).toBe(4);
});

describe('with an Idempotency-Key', () => {
  const key = (text: string) => ({ 'idempotency-key': text });

  test('the same request while the workflow runs gets the same execution', async () => {
    const first = await start(onboardingRequest(), key('"running"'), slow.url);
    const again = await start(onboardingRequest(), key('running'), slow.url);
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    expect(await again.json()).toEqual(await first.json());
  });

  test('the same request after the end gets the same execution, with Idempotent-Replayed', async () => {
    const body = onboardingRequest();
    const first = await start(body, key('"ended"'), slow.url);
    const { executionArn } = startedResponseSchema.parse(await first.json());
    await running.local.stepFunctions.send(new StopExecutionCommand({ executionArn }));
    const again = await start(body, key('"ended"'), slow.url);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toMatchObject({ executionArn });
  });

  test('a request in another case and order of names is the same request', async () => {
    const { user } = onboardingRequest();
    const first = await start({ user }, key('"names"'));
    const { userId, ...others } = user;
    const again = await start({ User: { ...others, UserId: userId } }, key('"names"'));
    expect(await again.json()).toEqual(await first.json());
  });

  test('another request with the same key gets 422', async () => {
    await start(onboardingRequest('user-1'), key('"reused"'));
    const response = await start(onboardingRequest('user-2'), key('"reused"'));
    expect(response.status).toBe(422);
    expect(await problemIn(response)).toMatchObject({ type: '/problems/idempotency-key-reused' });
  });

  test('another key starts another execution', async () => {
    const first = await executionOf(await start(onboardingRequest(), key('"one"')));
    const second = await executionOf(await start(onboardingRequest(), key('"two"')));
    expect(first.executionArn).not.toBe(second.executionArn);
    expect(first.name).toMatch(/^user-onboarding-key-[0-9A-Za-z_-]+$/);
  });

  test('a malformed key gets 400', async () => {
    const response = await start(onboardingRequest(), key('"no end'));
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({ type: '/problems/invalid-idempotency-key' });
  });
});
