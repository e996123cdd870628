import { type DynamoDBClient, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { callRoute, type RouteResponse } from '../support/call-route.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { late, resetAfter } from '../support/step-functions-stub/faults.ts';
import { type StubOptions, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { chance } from './chance.ts';

vi.setConfig({ testTimeout: 120_000 });

async function startWithTable(options: StubOptions) {
  const table = await startStatusTable();
  const stub = await startStepFunctionsStub(options);
  closeAfterwards(stub);
  const startProcess = () =>
    startServiceProcess(stub.url, {
      STATUS_TABLE: tableName,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    });
  return { table, stub, startProcess };
}

const withKey = (key: string, userId = key) => ({
  userId,
  headers: { 'idempotency-key': `"${key}"` },
});

async function kill({ child, exited }: ServiceProcess): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

test('a key whose process was killed before the outcome gets 409, and starts nothing', async () => {
  const { stub, startProcess } = await startWithTable({
    script: () => late(() => new Promise(() => {})),
  });
  const [dying, other] = await Promise.all([startProcess(), startProcess()]);
  const lost = callRoute(dying.url, 'sync', withKey('key-1')).catch(() => 'lost');
  await vi.waitFor(() => expect(stub.calls('StartSyncExecution')).toBe(1), { timeout: 20_000 });
  await kill(dying);
  expect(await lost).toBe('lost');
  for (let repeat = 0; repeat < 3; repeat += 1) {
    const { outcome } = await callRoute(other.url, 'sync', withKey('key-1'));
    expect(outcome).toBe('409 idempotency-key-in-use');
  }
  expect(stub.calls('StartSyncExecution')).toBe(1);
});

test('1,000 keys have one outcome each and start no second execution, though 30 % of the responses are lost and processes are killed', async () => {
  const { table, stub, startProcess } = await startWithTable({
    syncMilliseconds: 30,
    script: ({ key }) => (chance(11, key) < 0.3 ? resetAfter : undefined),
  });
  const processes = await Promise.all([startProcess(), startProcess(), startProcess()]);
  let requests = 0;
  /** Sends a request to the processes in turn, again where the process is killed meanwhile. */
  const sendToAny = async (key: string): Promise<RouteResponse> => {
    for (;;) {
      requests += 1;
      const { url } = processes[requests % processes.length] ?? {};
      const response = await callRoute(String(url), 'sync', withKey(key)).catch(() => undefined);
      if (response) return response;
    }
  };
  const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}`);
  const outcomes = new Map<string, string[]>();
  const inUse: string[] = [];
  const sendTwice = async (key: string) => {
    const responses = [await sendToAny(key), await sendToAny(key)];
    // Each key has one caller, so it was claimed by a process that was killed.
    if (responses.some(({ status }) => status === 409)) inUse.push(key);
    else outcomes.set(key, responses.map(outcomeOf));
  };
  const killAtRandom = async () => {
    let calls = 0;
    for (let kills = 0; kills < 6; kills += 1) {
      calls += 20 + Math.floor(130 * chance(12, String(kills)));
      await vi.waitUntil(() => stub.calls('StartSyncExecution') >= calls, { timeout: 60_000 });
      const index = Math.floor(processes.length * chance(13, String(kills)));
      const victim = processes[index];
      if (victim) await kill(victim);
      processes[index] = await startProcess();
    }
  };
  const sendAll = async (pending: Iterator<string> & Iterable<string>) => {
    for (const key of pending) await sendTwice(key);
  };
  const pending = keys.values();
  await Promise.all([killAtRandom(), ...Array.from({ length: 40 }, () => sendAll(pending))]);

  // Minutes later, the outcome of a key whose process was killed is unknown for good.
  const left = inUse.splice(0);
  await ageClaims(table.client);
  await sendAll(left.values());
  expect(inUse).toEqual([]);
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter((key) => outcomes.get(key)?.[0] !== unknown)).toEqual([]);

  const counts = [...stub.received('StartSyncExecution').values()];
  expect(counts.filter((count) => count !== 1)).toEqual([]);
  expect(stub.syncExecutions()).toBe(counts.length);
  // Every caller has an outcome, the same each time. A 200 is of the execution that ran for the key.
  expect(keys.filter((key) => new Set(outcomes.get(key)).size !== 1)).toEqual([]);
  const wrong = [...outcomes].filter(([key, [outcome = '']]) => !isOutcomeOf(key, outcome));
  expect(wrong).toEqual([]);
  const lost = [...outcomes.values()].filter(([outcome]) => outcome === unknown);
  expect(lost.length).toBeGreaterThan(200);
});

const unknown = '502 outcome-unknown';

/** The outcome, with all that a caller learns of the execution if it succeeded. */
function outcomeOf({ outcome, text }: RouteResponse): string {
  return outcome === '200' ? text : outcome;
}

/** The stub's executions return their input. */
function isOutcomeOf(key: string, outcome: string): boolean {
  return outcome === unknown || JSON.parse(JSON.parse(outcome).output).user.userId === key;
}

/** Makes claims without an outcome older than the longest Express execution. */
async function ageClaims(client: DynamoDBClient): Promise<void> {
  const unsettled = {
    TableName: tableName,
    FilterExpression: 'attribute_exists(claimId) AND attribute_not_exists(executionArn)',
  };
  for await (const { Items = [] } of paginateScan({ client }, unsettled)) {
    for (const { id } of Items) {
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: { id: id ?? { S: '' } },
        UpdateExpression: 'SET claimedAt = claimedAt - :milliseconds',
        ExpressionAttributeValues: { ':milliseconds': { N: '600000' } },
      });
      await client.send(command);
    }
  }
}
