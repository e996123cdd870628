import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

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
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }));
  app.get('/health/ready', { schema: { hide: true } }, async () => {
    const why = isStopping() ? { reason: 'The process is stopping.' } : await whyNotReady();
    if (why !== undefined)
      throw new Problem(notReady, why.reason, { ...retryLater, cause: why.cause });
    return { status: 'ready' };
  });
}

const retryLater = { headers: { 'retry-after': '2' } };
