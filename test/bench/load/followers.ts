import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { benchArn } from '../scenario.ts';
import { countStatuses, type Reply, send } from './caller.ts';

const followersSchema = z.object({
  /** Processes of the service; requests go to each in turn. */
  urls: z.array(z.string()),
  /** Every third caller waits, the others poll. */
  callers: z.int(),
  seconds: z.number(),
});

export const followersResultSchema = z.object({
  statuses: z.record(z.string(), z.int()),
  /** When the end of each execution was reported (epoch milliseconds), and whether to a waiting caller. */
  reports: z.array(z.object({ index: z.int(), at: z.number(), isWaiting: z.boolean() })),
});

const waitSeconds = 30;
const statusSchema = z.object({ status: z.string() });

/**
 * Callers that each follow one execution after the other: every third caller waits for the end, the
 * others poll and obey Retry-After.
 */
export async function runFollowers(
  details: unknown,
): Promise<z.infer<typeof followersResultSchema>> {
  const { urls, callers, seconds } = followersSchema.parse(details);
  const until = performance.now() + seconds * 1000;
  const statuses: number[] = [];
  const reports: z.infer<typeof followersResultSchema>['reports'] = [];
  let requests = 0;

  function getStatus(index: number, isWaiting: boolean): Promise<Reply> {
    requests += 1;
    return send({
      url: `${urls[requests % urls.length]}/onboarding-status/${benchArn(index)}`,
      method: 'GET',
      headers: isWaiting ? { prefer: `wait=${waitSeconds}` } : {},
    });
  }

  async function follow(caller: number): Promise<void> {
    const isWaiting = caller % 3 === 0;
    let index = caller;
    await setTimeout((caller % 2000) + 1);
    while (performance.now() < until) {
      const sentAt = performance.now();
      const { status, text, retryAfter } = await getStatus(index, isWaiting);
      // The measurement is over.
      if (performance.now() > until) return;
      statuses.push(status);
      if (status === 200 && statusSchema.parse(JSON.parse(text)).status !== 'RUNNING') {
        reports.push({ index, at: Date.now(), isWaiting });
        index += callers;
        await setTimeout(2000);
      } else {
        const pause = retryAfter ?? 1;
        const wasHeld = isWaiting && status === 200 && performance.now() - sentAt > 1000;
        if (!wasHeld) await setTimeout(pause * 1000);
      }
    }
  }

  const following = Array.from({ length: callers }, (_, caller) => follow(caller));
  await Promise.race([Promise.all(following), setTimeout(until - performance.now())]);
  return { statuses: countStatuses(statuses), reports };
}
