import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { createExecutionStatuses } from '../../../src/execution-statuses/execution-statuses.ts';
import { answerQuestions } from '../questions.ts';
import { benchArn } from '../scenario.ts';

// The service's status machinery, without a network. Of three executions one runs, one has ended
// with 1 KB of output, and one has just been started by this process.
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

let asked = 0;

answerQuestions({
  async askForStatuses(upTo) {
    const until = z.int().parse(upTo);
    while (asked < until) {
      const from = asked;
      asked = Math.min(until, asked + atOnce);
      await Promise.all(Array.from({ length: asked - from }, (_, index) => look(from + index)));
      await setImmediate();
    }
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heapBytes: heapUsed + external, residentBytes: rss };
  },
});

async function look(index: number): Promise<void> {
  const executionArn = benchArn(index);
  if (index % 3 === 0) statuses.noteStart()({ executionArn, startDate: new Date() });
  else await statuses.get(executionArn, new AbortController().signal, 'caller');
}
