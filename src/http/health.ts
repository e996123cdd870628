import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addLogFields } from './log-fields.ts';
import { Problem } from './problem-details/problem.ts';

declare module './log-fields.ts' {
  interface RequestLogFields {
    /** Why `/health/ready` returned 503. */
    reason?: string;
  }
}

const notReady = { slug: 'not-ready', status: 503, title: 'Not ready' };

/** Decides the response of `/health/ready`. */
export interface Readiness {
  /** Returns why the process is not ready, or `undefined`. `cause` is for the log only. */
  readonly checkReadiness: () => Promise<
    { readonly reason: string; readonly cause?: unknown } | undefined
  >;
  readonly isStopping: () => boolean;
}

/**
 * Registers `/health/live`, which succeeds while the process runs, and `/health/ready`, which
 * succeeds while it can serve requests. A stopping process is not ready; probes still reach it
 * during the shutdown delay and over open connections.
 */
export function registerHealth(
  app: FastifyInstance,
  { checkReadiness, isStopping }: Readiness,
): void {
  app.get('/health/live', { schema: liveSchema, config: { isTraced: false } }, async () => ({
    status: 'live',
  }));
  app.get(
    '/health/ready',
    { schema: readySchema, config: { problems, isTraced: false } },
    async (request) => {
      const why = isStopping() ? { reason: 'The process is stopping.' } : await checkReadiness();
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
  summary: 'Check that the process runs',
  description: 'For a liveness probe. Checks only that the process responds.',
  response: {
    200: z.object({ status: z.literal('live') }).meta({
      id: 'LivenessResponse',
      description: 'The process runs',
      examples: [{ status: 'live' }],
    }),
  },
};
const readySchema = {
  tags,
  operationId: 'getReadiness',
  summary: 'Check that the process can serve requests',
  description: 'For a readiness probe or a load balancer. Results are cached for a short time.',
  response: {
    200: z.object({ status: z.literal('ready') }).meta({
      id: 'ReadinessResponse',
      description: 'The process can serve requests',
      examples: [{ status: 'ready' }],
    }),
  },
};
