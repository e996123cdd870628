import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { median } from '../statistics.ts';
import { countStatuses, requestSchema, send } from './caller.ts';

const pacedSchema = requestSchema.extend({
  requests: z.int(),
  everyMilliseconds: z.number(),
  timeoutMilliseconds: z.int(),
});

export const pacedResultSchema = z.object({
  medianMilliseconds: z.number(),
  statuses: z.record(z.string(), z.int()),
});

/** Sends requests at fixed intervals, whether or not earlier ones have their response. */
export async function runPaced(details: unknown): Promise<z.infer<typeof pacedResultSchema>> {
  const { requests, everyMilliseconds, timeoutMilliseconds, ...request } =
    pacedSchema.parse(details);
  const began = performance.now();
  const responses = await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const dueAt = began + index * everyMilliseconds;
      await setTimeout(Math.max(1, dueAt - performance.now()));
      const sentAt = performance.now();
      const { status } = await send(request, timeoutMilliseconds);
      return { status, milliseconds: performance.now() - sentAt };
    }),
  );
  return {
    medianMilliseconds: median(responses.map(({ milliseconds }) => milliseconds)),
    statuses: countStatuses(responses.map(({ status }) => status)),
  };
}
