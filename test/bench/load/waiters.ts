import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { benchArn } from '../scenario.ts';
import { countStatuses, send } from './caller.ts';

export const waitersSchema = z.object({
  url: z.string(),
  callers: z.int(),
  waitSeconds: z.int(),
});

export const waitersResultSchema = z.object({
  seconds: z.number(),
  statuses: z.record(z.string(), z.int()),
  ended: z.int(),
});

const answerSchema = z.object({ status: z.string() });
const callersAtOnce = 100;

/** Callers who ask once, each for an execution of its own, and wait for its end. */
export async function runWaiters(details: unknown): Promise<z.infer<typeof waitersResultSchema>> {
  const { url, callers, waitSeconds } = waitersSchema.parse(details);
  const began = performance.now();
  const answers: Promise<{ status: number; text: string }>[] = [];
  for (let index = 0; index < callers; index += 1) {
    answers.push(
      send({
        url: `${url}/onboarding-status/${benchArn(index)}`,
        method: 'GET',
        headers: { prefer: `wait=${waitSeconds}` },
      }),
    );
    // Ten thousand connections within one turn of the loop would overflow any listener's queue.
    if (index % callersAtOnce === 0) await setTimeout(10);
  }
  const answered = await Promise.all(answers);
  return {
    seconds: (performance.now() - began) / 1000,
    statuses: countStatuses(answered.map(({ status }) => status)),
    ended: answered.filter(
      ({ status, text }) =>
        status === 200 && answerSchema.parse(JSON.parse(text)).status !== 'RUNNING',
    ).length,
  };
}
