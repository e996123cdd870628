import { createExecutionStatuses } from '../../../src/execution-statuses/execution-statuses.ts';
import { rankOf } from '../../../src/status-table/rank.ts';
import type { Change, StatusTable } from '../../../src/status-table/status-table.ts';
import type { Execution } from '../../../src/step-functions/execution.ts';
import { createVirtualClock } from '../../execution-statuses/virtual-clock.ts';
import { serveCalls } from '../remote-calls.ts';
import { benchArn } from '../scenario.ts';

// src/execution-statuses of ten processes and a table, on one virtual clock: their own cost, at a
// size beyond what a test machine can handle over HTTP.
const processes = 10;
const watched = 100_000;
const endsPerSecond = 300;
const secondsOfEnds = 20;
/** The milliseconds that a call takes, and that the index lags. */
const latency = 10;
const indexLag = 500;
const output = JSON.stringify({ userId: 'user-88888', status: 'onboarded' });

const clock = createVirtualClock();
const executions = new Map<string, Execution>();
const changes: Change[] = [];
const counts = { describes: 0, reads: 0, itemsRead: 0, queries: 0, changesRead: 0 };
const endedAt = new Map<string, number>();
const delays: number[] = [];

const table: StatusTable = {
  async read(executionArns) {
    counts.reads += Math.ceil(executionArns.length / 100);
    counts.itemsRead += executionArns.length;
    await clock.sleep(latency);
    return new Map(
      executionArns.flatMap((arn) => {
        const execution = executions.get(arn);
        return execution ? [[arn, execution] as const] : [];
      }),
    );
  },
  async changesSince(since) {
    counts.queries += 1;
    await clock.sleep(latency);
    const seen = clock.epoch() - indexLag;
    const first = changes.findLastIndex(({ changedAt }) => changedAt < since) + 1;
    const found = changes.slice(first).filter(({ changedAt }) => changedAt <= seen);
    counts.changesRead += found.length;
    return found;
  },
};

async function run() {
  const startDate = new Date(clock.epoch());
  for (let index = 0; index < watched; index += 1) {
    const executionArn = benchArn(index);
    executions.set(executionArn, { executionArn, startDate, status: 'RUNNING' });
  }
  const all = Array.from({ length: processes }, () =>
    createExecutionStatuses({
      describe() {
        counts.describes += 1;
        throw new Error('The table has every execution.');
      },
      table,
      describeRate: 1,
      describeBurst: 10,
      clock,
      onFailure: (_operation, error) => {
        throw error;
      },
    }),
  );
  async function wait(index: number): Promise<void> {
    const executionArn = benchArn(index);
    const statuses = all[index % processes];
    const { signal } = new AbortController();
    for (;;) {
      const status = await statuses?.wait(executionArn, 120_000, signal, 'caller');
      if (status === undefined || status.execution.status !== 'RUNNING') break;
    }
    delays.push(clock.now() - (endedAt.get(executionArn) ?? Number.NaN));
  }

  for (let index = 0; index < watched; index += 1) void wait(index);
  await clock.advance(5000);
  globalThis.gc?.();
  const { heapUsed } = process.memoryUsage();
  const before = { ...counts };
  const cpu = process.cpuUsage();
  for (let index = 0; index < endsPerSecond * secondsOfEnds; index += 1) {
    clock.schedule((index / endsPerSecond) * 1000, () => end(benchArn(index)));
  }
  await clock.advance(secondsOfEnds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const during = {
    describes: counts.describes,
    reads: counts.reads - before.reads,
    itemsRead: counts.itemsRead - before.itemsRead,
    queries: counts.queries - before.queries,
    changesRead: counts.changesRead - before.changesRead,
  };
  await clock.advance(3000);
  for (const statuses of all) statuses.close();
  return {
    ends: endsPerSecond * secondsOfEnds,
    delays,
    heapBytes: heapUsed,
    cpuMicroseconds: user + system,
    processSeconds: processes * secondsOfEnds,
    ...during,
  };
}

function end(executionArn: string): void {
  const execution: Execution = {
    executionArn,
    status: 'SUCCEEDED',
    startDate: new Date(clock.epoch()),
    stopDate: new Date(clock.epoch()),
    output,
  };
  executions.set(executionArn, execution);
  endedAt.set(executionArn, clock.now());
  changes.push({ executionArn, rank: rankOf(execution), changedAt: clock.epoch() });
}

serveCalls({ run });
