import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { benchArn } from '../scenario.ts';
import { countStatuses, send } from './caller.ts';

const heldCallersSchema = z.object({
  url: z.string(),
  callers: z.int(),
  /** How many of them open an event stream instead. */
  streams: z.int().default(0),
  /** The number of executions; by default, each caller has its own. */
  executions: z.int().optional(),
  waitSeconds: z.int(),
});

export const heldCallersResultSchema = z.object({
  statuses: z.record(z.string(), z.int()),
  /** When the end of each execution was reported, in epoch milliseconds. */
  ends: z.array(z.object({ index: z.int(), at: z.number() })),
});

const ended = /"status":"SUCCEEDED"/;
const callersAtOnce = 100;

/** Callers that send one request each, and wait for the end of an execution. */
export async function runHeldCallers(
  details: unknown,
): Promise<z.infer<typeof heldCallersResultSchema>> {
  const {
    url,
    callers,
    streams,
    executions = callers,
    waitSeconds,
  } = heldCallersSchema.parse(details);
  async function request(index: number, headers: Readonly<Record<string, string>>) {
    const path = `/onboarding-status/${benchArn(index)}`;
    const { status, text } = await send({ url: `${url}${path}`, method: 'GET', headers });
    return { index, status, isEnd: status === 200 && ended.test(text), at: Date.now() };
  }
  const pending: ReturnType<typeof request>[] = [];
  for (let caller = 0; caller < callers; caller += 1) {
    const headers: Readonly<Record<string, string>> =
      caller < streams ? { accept: 'text/event-stream' } : { prefer: `wait=${waitSeconds}` };
    pending.push(request(caller % executions, headers));
    // 10,000 connections in one turn of the event loop would overflow the backlog of the listener.
    if (caller % callersAtOnce === 0) await setTimeout(10);
  }
  const responses = await Promise.all(pending);
  return {
    statuses: countStatuses(responses.map(({ status }) => status)),
    ends: responses.filter(({ isEnd }) => isEnd).map(({ index, at }) => ({ index, at })),
  };
}
