import autocannon from 'autocannon';
import { z } from 'zod';

export const closedLoopSchema = z.object({
  url: z.string(),
  method: z.enum(['GET', 'POST']),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  /** The number of requests in flight at once, each on its own connection. */
  connections: z.int(),
  requests: z.int(),
});

export const closedLoopResultSchema = z.object({
  seconds: z.number(),
  good: z.int(),
  /** Responses other than 2xx, and requests without a response. */
  bad: z.int(),
});

const tickMilliseconds = 50;

/** Each connection sends its next request after the response to the last one. */
export async function runClosedLoop(
  details: unknown,
): Promise<z.infer<typeof closedLoopResultSchema>> {
  const { url, method, headers, body, connections, requests } = closedLoopSchema.parse(details);
  const began = performance.now();
  // autocannon notices only at its next tick that it is done.
  let lastResponseAt = began;
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
    lastResponseAt = performance.now();
  });
  const result = await done.promise;
  return {
    seconds: (lastResponseAt - began) / 1000,
    good: result['2xx'],
    bad: result.non2xx + result.errors,
  };
}
