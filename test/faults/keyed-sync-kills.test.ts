import { expect, test, vi } from 'vitest';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { callRoute } from '../support/call-route.ts';
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
  return { stub, startProcess };
}

const keyed = (key: string, userId = key) => ({
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
  const lost = callRoute(dying.url, 'sync', keyed('key-1')).catch(() => 'lost');
  await vi.waitFor(() => expect(stub.calls('StartSyncExecution')).toBe(1), { timeout: 20_000 });
  await kill(dying);
  expect(await lost).toBe('lost');
  for (let repeat = 0; repeat < 3; repeat += 1) {
    const { outcome } = await callRoute(other.url, 'sync', keyed('key-1'));
    expect(outcome).toBe('409 idempotency-key-in-use');
  }
  expect(stub.calls('StartSyncExecution')).toBe(1);
});

test('300 keys start one execution each, though 30 % of the responses are lost and two processes are killed', async () => {
  const { stub, startProcess } = await startWithTable({
    syncMilliseconds: 30,
    script: ({ key }) => (chance(11, key) < 0.3 ? resetAfter : undefined),
  });
  const processes = await Promise.all([startProcess(), startProcess()]);
  let requests = 0;
  /** Sends a request to the processes in turn. Returns `undefined` if there is no response. */
  const sendToAny = (key: string) => {
    requests += 1;
    const { url } = processes[requests % processes.length] ?? {};
    return callRoute(String(url), 'sync', keyed(key)).catch(() => undefined);
  };
  const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);
  const pending = keys.values();
  const responses = new Map<string, string[]>();
  const lane = async () => {
    for (const key of pending) {
      const seen: string[] = [];
      // The key of a process that was killed is in use for minutes.
      for (let attempt = 0; seen.length < 2 && attempt < 20; attempt += 1) {
        const response = await sendToAny(key);
        if (response && response.status !== 409) seen.push(outcomeOf(response));
      }
      responses.set(key, seen);
    }
  };
  const killAndReplace = async (index: number, calls: number) => {
    await vi.waitUntil(() => stub.calls('StartSyncExecution') >= calls, { timeout: 60_000 });
    const victim = processes[index];
    if (victim) await kill(victim);
    processes[index] = await startProcess();
  };
  await Promise.all([
    ...Array.from({ length: 20 }, lane),
    killAndReplace(0, 60).then(() => killAndReplace(1, 160)),
  ]);
  const counts = [...stub.received('StartSyncExecution').values()];
  expect(counts.filter((count) => count !== 1)).toEqual([]);
  expect(stub.syncExecutions()).toBe(counts.length);
  // Every response for a key is that of its one execution.
  expect([...responses.values()].filter((seen) => new Set(seen).size > 1)).toEqual([]);
  const unsettled = [...responses].filter(([, seen]) => seen.length === 0);
  // No more than were in flight when the two processes were killed.
  expect(unsettled.length).toBeLessThanOrEqual(40);
  const lost = keys.filter((key) => responses.get(key)?.[0]?.startsWith('502 outcome-unknown'));
  expect(lost.length).toBeGreaterThan(50);
});

/** The outcome, with the ARN of the execution if it succeeded. */
function outcomeOf({ outcome, text }: { outcome: string; text: string }): string {
  return outcome === '200' ? `200 ${JSON.parse(text).executionArn}` : outcome;
}
