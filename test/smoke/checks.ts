import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { historyOf } from './history.ts';
import type { LocalTwin } from './local-twin.ts';
import type { Target } from './target.ts';

export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

const responseSchema = z.looseObject({
  executionArn: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
  error: z.string().optional(),
  type: z.string().optional(),
  executionStatus: z.string().optional(),
  output: z.string().optional(),
});

/** The longest time that a pushed status, or the end of an execution, may take. */
const patienceMilliseconds = 30_000;

/** The checks, in order. Each throws an error that says what is wrong. */
export function checksOf(target: Target, local: LocalTwin): Check[] {
  const { serviceUrl, stepFunctions, dynamoDb, statusTable } = target;
  // Every run writes the same row of the users' table.
  const request = { user: { ...exampleRequest.user, userId: 'smoke-test' } };
  const refused = {
    user: { ...request.user, metadata: { ...request.user.metadata, referralCode: '2025' } },
  };

  async function call(path: string, options: RequestInit = {}) {
    const headers = new Headers(options.headers);
    if (target.token !== undefined) headers.set('authorization', `Bearer ${target.token}`);
    if (options.body !== undefined) headers.set('content-type', 'application/json');
    return await fetch(`${serviceUrl}${path}`, { ...options, headers });
  }

  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await call(path, { method: 'POST', body: JSON.stringify(body), headers });
    return { status: response.status, body: responseSchema.parse(await response.json()) };
  }

  async function start(headers: Record<string, string> = {}): Promise<string> {
    const { status, body } = await post('/process-user-onboarding', request, headers);
    assert.equal(status, 202, `POST /process-user-onboarding returns ${status}`);
    return body.executionArn ?? assert.fail('There is no executionArn.');
  }

  async function waitForEnd(executionArn: string): Promise<void> {
    const path = `/onboarding-status/${encodeURI(executionArn)}`;
    const response = await call(path, { headers: { prefer: 'wait=30' } });
    const body = responseSchema.parse(await response.json());
    assert.equal(body.status, 'SUCCEEDED', `The status is ${body.status}`);
  }

  /** The same input on local AWS must give the same history. */
  async function compareHistories(executionArn: string): Promise<void> {
    const { input } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const twin = await local.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: local.workflowArn, input }),
    );
    await until(async () => {
      const { status } = await local.stepFunctions.send(
        new DescribeExecutionCommand({ executionArn: twin.executionArn }),
      );
      return status !== 'RUNNING';
    }, 'The execution on local AWS does not end.');
    assert.deepEqual(
      await historyOf(stepFunctions, executionArn),
      await historyOf(local.stepFunctions, twin.executionArn ?? ''),
      'The history differs from that on local AWS.',
    );
  }

  return [
    {
      name: 'the service is ready',
      async run() {
        assert.equal((await call('/health/ready')).status, 200);
      },
    },
    {
      name: 'a synchronous onboarding ends with its output',
      async run() {
        const { status, body } = await post('/process-user-onboarding-sync', request);
        assert.deepEqual([status, body.status], [200, 'SUCCEEDED']);
        assert.match(body.output ?? '', /"userId":"smoke-test"/);
      },
    },
    {
      name: 'the workflow refuses a malformed referral code',
      async run() {
        const { status, body } = await post('/process-user-onboarding-sync', refused);
        assert.deepEqual([status, body.error], [400, 'InvalidReferralCode']);
      },
    },
    {
      name: 'an asynchronous onboarding starts once, succeeds, and has the history of local AWS',
      async run() {
        const key = { 'idempotency-key': `"${randomUUID()}"` };
        const executionArn = await start(key);
        assert.equal(await start(key), executionArn, 'The same key starts another execution.');
        await waitForEnd(executionArn);
        await compareHistories(executionArn);
      },
    },
    {
      name: 'the no-code route starts the workflow, which has the history of local AWS',
      async run() {
        const body = JSON.stringify({ input: request });
        const headers = await target.signedHeaders(target.newUserUrl, body);
        const response = await fetch(target.newUserUrl, { method: 'POST', headers, body });
        assert.equal(response.status, 200, `The no-code route returns ${response.status}`);
        const { executionArn = '' } = responseSchema.parse(await response.json());
        await waitForEnd(executionArn);
        await compareHistories(executionArn);
      },
    },
    {
      name: 'a status is pushed to the table',
      async run() {
        const executionArn = await start();
        const get = new GetItemCommand({
          TableName: statusTable,
          Key: { id: { S: executionArn } },
          ConsistentRead: true,
        });
        await until(async () => {
          const { Item } = await dynamoDb.send(get);
          return Item?.status?.S === 'SUCCEEDED';
        }, 'The status does not come to the table.');
      },
    },
    {
      name: 'a stream sends the statuses up to the end',
      async run() {
        const path = `/onboarding-status/${encodeURI(await start())}`;
        const response = await call(path, { headers: { accept: 'text/event-stream' } });
        assert.equal(response.headers.get('content-type'), 'text/event-stream');
        assert.match(await response.text(), /event: status\ndata: .*"status":"SUCCEEDED"/);
      },
    },
    {
      name: 'an onboarding can be cancelled, unless it has ended',
      async run() {
        const path = `/onboarding-status/${encodeURI(await start())}/cancel`;
        const { status, body } = await post(path, { reason: 'Smoke test' });
        // The execution may end before it is cancelled.
        if (status === 409) assert.equal(body.executionStatus, 'SUCCEEDED');
        else assert.deepEqual([status, body.status], [200, 'ABORTED']);
      },
    },
  ];
}

async function until(isTrue: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds;
  while (!(await isTrue())) {
    if (performance.now() > deadline) assert.fail(otherwise);
    await setTimeout(200);
  }
}
