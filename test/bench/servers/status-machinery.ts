import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { createExecutionStatuses } from '../../../src/execution-statuses/execution-statuses.ts';
import { serveCalls } from '../remote-calls.ts';
import { benchArn } from '../scenario.ts';

// src/execution-statuses, without a network. One third of the executions run, one third have ended
// with 1 KB of output, and this process has just started the others.
const output = JSON.stringify({ padding: 'x'.repeat(1000) });
const rate = 1e9;
const atOnce = 1000;
const statuses = createExecutionStatuses({
  async describe(executionArn) {
    const startDate = new Date();
    return Number(executionArn.slice(-1)) % 2 === 0
      ? { executionArn, startDate, status: 'RUNNING' }
      : { executionArn, startDate, status: 'SUCCEEDED', stopDate: startDate, output };
  },
  describeRate: rate,
  describeBurst: rate,
  onFailure: (_operation, error) => {
    throw error;
  },
});

let polled = 0;

serveCalls({
  async pollStatuses(upTo) {
    const until = z.int().parse(upTo);
    while (polled < until) {
      const from = polled;
      polled = Math.min(until, polled + atOnce);
      await Promise.all(Array.from({ length: polled - from }, (_, index) => poll(from + index)));
      await setImmediate();
    }
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heapBytes: heapUsed + external, residentBytes: rss };
  },
});

async function poll(index: number): Promise<void> {
  const executionArn = benchArn(index);
  if (index % 3 === 0) statuses.noteStart()({ executionArn, startDate: new Date() });
  else await statuses.get(executionArn, new AbortController().signal, 'caller');
}
