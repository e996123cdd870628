import { z } from 'zod';

/** The plan of the events that arrive; executions are numbered as for `benchArn`. */
export const eventPlanSchema = z.object({
  stepFunctionsUrl: z.string(),
  dynamoDbUrl: z.string(),
  /** Epoch milliseconds. */
  beginsAt: z.number(),
  /** How many executions run at the beginning. Another one starts whenever one ends. */
  running: z.int(),
  firstEndMilliseconds: z.number(),
  endsPerSecond: z.number(),
  ends: z.int(),
});
export type EventPlan = z.infer<typeof eventPlanSchema>;

export const eventsResultSchema = z.object({
  events: z.int(),
  failed: z.int(),
  /** Each execution's number, and when the first event of its end arrived (epoch milliseconds). */
  arrivals: z.array(z.tuple([z.int(), z.number()])),
});
