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
  statuses: z.record(z.string(), z.int()),
  /** Which execution's end was reported, and when, epoch milliseconds. */
  ends: z.array(z.object({ index: z.int(), at: z.number() })),
});

const ended = /"status":"SUCCEEDED"/;
const callersAtOnce = 100;

/** Callers who ask once, each for an execution, and wait for its end. */
export async function runWaiters(details: unknown): Promise<z.infer<typeof waitersResultSchema>> {
  const { url, callers, streams, executions = callers, waitSeconds } = waitersSchema.parse(details);
  async function ask(index: number, headers: Readonly<Record<string, string>>) {
    const path = `/onboarding-status/${benchArn(index)}`;
    const { status, text } = await send({ url: `${url}${path}`, method: 'GET', headers });
    return { index, status, isEnd: status === 200 && ended.test(text), at: Date.now() };
  }
  const asked: ReturnType<typeof ask>[] = [];
  for (let caller = 0; caller < callers; caller += 1) {
    const headers: Readonly<Record<string, string>> =
      caller < streams ? { accept: 'text/event-stream' } : { prefer: `wait=${waitSeconds}` };
    asked.push(ask(caller % executions, headers));
    // Ten thousand connections within one turn of the loop would overflow any listener's queue.
    if (caller % callersAtOnce === 0) await setTimeout(10);
  }
  const answers = await Promise.all(asked);
  return {
    statuses: countStatuses(answers.map(({ status }) => status)),
    ends: answers.filter(({ isEnd }) => isEnd).map(({ index, at }) => ({ index, at })),
  };
}
