import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Recorder } from './recorder.ts';
import { summaryOf } from './summary.ts';

/** Changes within this time are sent together. */
const pauseMilliseconds = 100;

/** Serves `/api/changes`: Server-Sent Events with the summaries of the executions that changed. */
export function serveChanges(app: FastifyInstance, recorder: Recorder): void {
  app.get('/api/changes', async (_request, reply) => {
    const changed = new Set<string>();
    let wake = () => {};
    const unsubscribe = recorder.onChange((arn) => {
      changed.add(arn);
      wake();
    });
    reply.hijack();
    const { raw } = reply;
    raw.once('close', () => {
      unsubscribe();
      wake();
    });
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    raw.write('retry: 1000\n\n');
    while (!raw.destroyed) {
      const summaries = [...changed].flatMap((arn) => {
        const recorded = recorder.get(arn);
        return recorded ? [summaryOf(recorded)] : [];
      });
      changed.clear();
      if (summaries.length > 0) raw.write(`data: ${JSON.stringify(summaries)}\n\n`);
      await setTimeout(pauseMilliseconds);
      if (changed.size > 0 || raw.destroyed) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  });
}
