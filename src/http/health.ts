import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addLogFields } from './log-fields.ts';
import { Problem } from './problem.ts';

declare module './log-fields.ts' {
  interface RequestLogFields {
    /** Why the process is not ready. */
    reason?: string;
  }
}

const notReady = { slug: 'not-ready', status: 503, title: 'Not ready' };

/** What `/health/ready` goes by. */
export interface Readiness {
  /** Why requests should go elsewhere, or `undefined`; the cause is for the log alone. */
  readonly whyNotReady: () => Promise<
    { readonly reason: string; readonly cause?: unknown } | undefined
  >;
  readonly isStopping: () => boolean;
}

/**
 * `/health/live` says that the process runs, `/health/ready` that it can do its work. While it stops
 * it cannot, which callers learn over connections that are still open.
 */
export function registerHealth(app: FastifyInstance, { whyNotReady, isStopping }: Readiness): void {
  app.get('/health/live', { schema: liveSchema, config: { isTraced: false } }, async () => ({
    status: 'live',
  }));
  app.get(
    '/health/ready',
    { schema: readySchema, config: { problems, isTraced: false } },
    async (request) => {
      const why = isStopping() ? { reason: 'The process is stopping.' } : await whyNotReady();
      if (why === undefined) return { status: 'ready' };
      addLogFields(request, { reason: why.reason });
      throw new Problem(notReady, why.reason, { ...retryLater, cause: why.cause });
    },
  );
}

const retryLater = { headers: { 'retry-after': '2' } };
const problems = [new Problem(notReady, 'The process is stopping.', retryLater)];

const tags = ['Operations'];
const liveSchema = {
  tags,
  operationId: 'getLiveness',
  summary: 'Whether the process runs',
  description: 'For a liveness probe. Checks nothing but that the process responds.',
  response: {
    200: z
      .object({ status: z.literal('live') })
      .meta({ id: 'LivenessResponse', description: 'It runs', examples: [{ status: 'live' }] }),
  },
};
const readySchema = {
  tags,
  operationId: 'getReadiness',
  summary: 'Whether the process can do its work',
  description: 'For a readiness probe or a load balancer. The last result is kept for a while.',
  response: {
    200: z
      .object({ status: z.literal('ready') })
      .meta({ id: 'ReadinessResponse', description: 'It can', examples: [{ status: 'ready' }] }),
  },
};
