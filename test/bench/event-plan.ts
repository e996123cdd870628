import { z } from 'zod';

/** Which events arrive; execution numbers are those of `benchArn`. */
export const eventPlanSchema = z.object({
  stepFunctionsUrl: z.string(),
  dynamoDbUrl: z.string(),
  /** Epoch milliseconds. */
  beginsAt: z.number(),
  /** So many run at the beginning, and another one starts whenever one ends. */
  running: z.int(),
  firstEndMilliseconds: z.number(),
  endsPerSecond: z.number(),
  ends: z.int(),
});
export type EventPlan = z.infer<typeof eventPlanSchema>;

export const eventsResultSchema = z.object({
  events: z.int(),
  failed: z.int(),
  /** Numbers of executions, and when the first event of their end arrived, epoch milliseconds. */
  arrivals: z.array(z.tuple([z.int(), z.number()])),
});
