import { z } from 'zod';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';

/** What Step Functions is to do in the next case; all that it knew before is forgotten. */
export const scenarioSchema = z.object({
  /** When it begins, epoch milliseconds; now by default. */
  beginsAt: z.number().optional(),
  /** How long an Express execution runs. */
  syncMilliseconds: z.number().default(0),
  /** Standard executions that run from the start, see {@link benchArn}. */
  executions: z.int().default(0),
  /** When the first of them ends, and how many each second from then on. */
  firstEndMilliseconds: z.number().default(0),
  endsPerSecond: z.number().default(0),
  /** How many of them end at all. */
  ends: z.int().default(0),
  quotas: z.record(z.string(), z.object({ burst: z.number(), rate: z.number() })).default({}),
});
export type Scenario = z.input<typeof scenarioSchema>;

/** Calls received and refused for their rate, by operation. */
export const callsSchema = z.record(
  z.string(),
  z.object({ received: z.number(), throttled: z.number() }),
);

/** The ARN of the execution of that number, from 0. */
export function benchArn(index: number): string {
  return executionArnOf(`bench-${index}`);
}
