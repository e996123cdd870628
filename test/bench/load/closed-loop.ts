import autocannon from 'autocannon';
import { z } from 'zod';

export const closedLoopSchema = z.object({
  url: z.string(),
  method: z.enum(['GET', 'POST']),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  /** As many requests are in flight at once, each on a connection of its own. */
  connections: z.int(),
  requests: z.int(),
});

export const closedLoopResultSchema = z.object({
  seconds: z.number(),
  good: z.int(),
  /** Answers other than 2xx, and requests without one. */
  bad: z.int(),
});

const tickMilliseconds = 50;

/** Sends the next request when the last one has been answered. */
export async function runClosedLoop(
  details: unknown,
): Promise<z.infer<typeof closedLoopResultSchema>> {
  const { url, method, headers, body, connections, requests } = closedLoopSchema.parse(details);
  const began = performance.now();
  // autocannon only notices at its next tick that it is done.
  let lastAnswerAt = began;
  const done = Promise.withResolvers<autocannon.Result>();
  const instance = autocannon(
    {
      url,
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
      connections,
      amount: requests,
      sampleInt: tickMilliseconds,
      timeout: 120,
    },
    (error, result) => (error ? done.reject(error) : done.resolve(result)),
  );
  instance.on('response', () => {
    lastAnswerAt = performance.now();
  });
  const result = await done.promise;
  return {
    seconds: (lastAnswerAt - began) / 1000,
    good: result['2xx'],
    bad: result.non2xx + result.errors,
  };
}
