import { z } from 'zod';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';

/** How the stub of Step Functions behaves from now on; it forgets everything before. */
export const scenarioSchema = z.object({
  /** When the scenario begins, in epoch milliseconds; now by default. */
  beginsAt: z.number().optional(),
  /** How long an Express execution runs. */
  syncMilliseconds: z.number().default(0),
  /** How many Standard executions run from the beginning, see {@link benchArn}. */
  executions: z.int().default(0),
  /** When the first of them ends, and how many end each second from then on. */
  firstEndMilliseconds: z.number().default(0),
  endsPerSecond: z.number().default(0),
  /** How many of them end. */
  ends: z.int().default(0),
  quotas: z.record(z.string(), z.object({ burst: z.number(), rate: z.number() })).default({}),
});
export type Scenario = z.input<typeof scenarioSchema>;

/** The calls received and the calls throttled, by operation. */
export const callsSchema = z.record(
  z.string(),
  z.object({ received: z.number(), throttled: z.number() }),
);

/** The ARN of the execution with this number, from 0. */
export function benchArn(index: number): string {
  return executionArnOf(`bench-${index}`);
}
