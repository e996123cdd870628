import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { onRequestEnd } from './request-end.ts';
import type { HttpSettings } from './settings.ts';

/** Up to the longest sync answer. */
const durationBuckets = [
  0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];
/** By nginx's custom, the status of a request whose caller did not wait for the answer. */
const abandonedStatus = 499;

// Of the process and its event loop; they hold observers of the runtime, so once a process.
let processMetrics: Registry | undefined;

/**
 * `/metrics` for Prometheus: the process, every request by the pattern of its route, and what else
 * is put into `registry`. A label is never a caller's text, so there are only so many series.
 *
 * @param scope what an access token must allow to see them
 */
export function registerMetrics(
  app: FastifyInstance,
  registry: Registry,
  { metrics }: Pick<HttpSettings, 'metrics'>,
  scope: string,
): void {
  if (metrics === 'off') return;
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer; status 499: the caller hung up',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBuckets,
    registers: [registry],
  });
  onRequestEnd(app, (request, reply, isAbandoned) => {
    const { url } = request.routeOptions;
    requests.observe(
      {
        method: url === undefined ? 'other' : request.method,
        route: url ?? 'none',
        status: isAbandoned ? abandonedStatus : reply.statusCode,
      },
      reply.elapsedTime / 1000,
    );
  });
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  const all = Registry.merge([processMetrics, registry]);
  app.get(
    '/metrics',
    { schema: { hide: true }, config: metrics === 'open' ? {} : { scope } },
    async (_request, reply) => reply.type(all.contentType).send(await all.metrics()),
  );
}
