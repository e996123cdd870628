import { Agent, request } from 'node:http';
import { z } from 'zod';

export const requestSchema = z.object({
  url: z.string(),
  method: z.enum(['GET', 'POST']),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
});
export type Request = z.infer<typeof requestSchema>;

/** Keeps as many connections as there are requests in flight. */
const agent = new Agent({ keepAlive: true });

export interface Reply {
  /** 0 if there was no response in time. */
  readonly status: number;
  readonly text: string;
  /** In seconds. */
  readonly retryAfter?: number | undefined;
}

export function send({ url, method, headers, body }: Request, timeoutMilliseconds = 120_000) {
  return new Promise<Reply>((resolve) => {
    const lost = () => resolve({ status: 0, text: '' });
    request(
      url,
      {
        agent,
        method,
        signal: AbortSignal.timeout(timeoutMilliseconds),
        headers: {
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          const hint = headers['retry-after'];
          resolve({ status: statusCode, text, retryAfter: hint ? Number(hint) : undefined });
        });
        response.on('error', lost);
      },
    )
      .on('error', lost)
      .end(body);
  });
}

/** The number of responses by status: `{"200": 12, "503": 1}`. */
export function countStatuses(statuses: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
