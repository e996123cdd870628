import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { EventStreams } from './event-stream.ts';
import type { RequestEnds } from './request-end.ts';
import type { HttpSettings } from './settings.ts';

/** In seconds, up to the longest expected response. */
const durationBuckets = [
  0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];
/** nginx's status for a request whose caller disconnected before the response. */
const abandonedStatus = 499;

// Metrics of the process and its event loop. Each registry adds runtime observers, so share one.
let processMetrics: Registry | undefined;

/**
 * Registers `/metrics` for Prometheus: the process, request durations by route pattern, and the
 * metrics in `registry`. No label contains text from the caller, so the number of series is bounded.
 *
 * @param scope the scope that an access token must have to read the metrics
 */
export function registerMetrics(
  app: FastifyInstance,
  requestEnds: RequestEnds,
  registry: Registry,
  { metrics }: Pick<HttpSettings, 'metrics'>,
  scope: string,
): void {
  if (metrics === 'off') return;
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its response. Status 499: the caller disconnected',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBuckets,
    registers: [registry],
  });
  requestEnds.listen(({ method, route, status, durationMilliseconds, isAbandoned }) => {
    requests.observe(
      {
        method: route === null || method === null ? 'other' : method,
        route: route ?? 'none',
        status: isAbandoned ? abandonedStatus : status,
      },
      durationMilliseconds / 1000,
    );
  });
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  const all = Registry.merge([processMetrics, registry]);
  app.get(
    '/metrics',
    {
      schema: metricsSchema(all.contentType),
      config: { isTraced: false, isShed: false, ...(metrics === 'open' ? {} : { scope }) },
    },
    async (_request, reply) => reply.type(all.contentType).send(await all.metrics()),
  );
}

/** Registers gauges for the number of open event streams and their limit. */
export function measureEventStreams(
  registry: Registry,
  streams: Pick<EventStreams, 'size' | 'maximum'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'event_streams_open',
    help: 'Open event streams',
    registers,
    collect() {
      this.set(streams.size);
    },
  });
  new Gauge({
    name: 'event_streams_capacity',
    help: 'Event streams that may be open at once',
    registers,
  }).set(streams.maximum);
}

function metricsSchema(contentType: string) {
  return {
    tags: ['Operations'],
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    description: 'Metrics of this process only, in the Prometheus text format.',
    response: {
      200: {
        description: 'The metrics',
        content: { [contentType]: { schema: z.string() } },
      },
    },
  };
}
