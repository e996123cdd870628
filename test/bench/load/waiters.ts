import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { benchArn } from '../scenario.ts';
import { countStatuses, send } from './caller.ts';

export const waitersSchema = z.object({
  url: z.string(),
  callers: z.int(),
  /** How many of them follow an event stream instead. */
  streams: z.int().default(0),
  /** Each caller has one of its own by default. */
  executions: z.int().optional(),
  waitSeconds: z.int(),
});

export const waitersResultSchema = z.object({
  seconds: z.number(),
  statuses: z.record(z.string(), z.int()),
  ended: z.int(),
});

const ended = /"status":"SUCCEEDED"/;
const callersAtOnce = 100;

/** Callers who ask once, each for an execution, and wait for its end. */
export async function runWaiters(details: unknown): Promise<z.infer<typeof waitersResultSchema>> {
  const { url, callers, streams, executions = callers, waitSeconds } = waitersSchema.parse(details);
  const began = performance.now();
  const answers: Promise<{ status: number; text: string }>[] = [];
  for (let index = 0; index < callers; index += 1) {
    answers.push(
      send({
        url: `${url}/onboarding-status/${benchArn(index % executions)}`,
        method: 'GET',
        headers:
          index < streams ? { accept: 'text/event-stream' } : { prefer: `wait=${waitSeconds}` },
      }),
    );
    // Ten thousand connections within one turn of the loop would overflow any listener's queue.
    if (index % callersAtOnce === 0) await setTimeout(10);
  }
  const answered = await Promise.all(answers);
  return {
    seconds: (performance.now() - began) / 1000,
    statuses: countStatuses(answered.map(({ status }) => status)),
    ended: answered.filter(({ status, text }) => status === 200 && ended.test(text)).length,
  };
}
