import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { benchArn } from '../scenario.ts';
import { countStatuses, send } from './caller.ts';

const crowdSchema = z.object({
  url: z.string(),
  /** The number of callers, each with its own execution. */
  callers: z.int(),
  seconds: z.number(),
});

export const crowdResultSchema = z.object({
  statuses: z.record(z.string(), z.int()),
  /** From the end of an execution to the response that reports it. */
  delaysMilliseconds: z.array(z.number()),
});

const responseSchema = z.object({ status: z.string(), stopDate: z.string().optional() });

/**
 * Callers that poll once a second until their execution has ended, spread over the second, and
 * ignore Retry-After.
 */
export async function runCrowd(details: unknown): Promise<z.infer<typeof crowdResultSchema>> {
  const { url, callers, seconds } = crowdSchema.parse(details);
  const until = performance.now() + seconds * 1000;
  const statuses: number[] = [];
  const delaysMilliseconds: number[] = [];

  async function poll(index: number): Promise<void> {
    const request = {
      url: `${url}/onboarding-status/${benchArn(index)}`,
      method: 'GET' as const,
      headers: {},
    };
    await setTimeout((index % 1000) + 1);
    while (performance.now() < until) {
      const sentAt = performance.now();
      const { status, text } = await send(request);
      statuses.push(status);
      const stopDate = status === 200 ? responseSchema.parse(JSON.parse(text)).stopDate : undefined;
      if (stopDate !== undefined) {
        delaysMilliseconds.push(Date.now() - Date.parse(stopDate));
        return;
      }
      await setTimeout(Math.max(0, sentAt + 1000 - performance.now()));
    }
  }

  await Promise.all(Array.from({ length: callers }, (_, index) => poll(index)));
  return { statuses: countStatuses(statuses), delaysMilliseconds };
}
