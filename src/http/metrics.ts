import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { EventStreams } from './event-stream.ts';
import type { RequestEnds } from './request-end.ts';
import type { HttpSettings } from './settings.ts';

/** In seconds, up to the longest response. */
const durationBuckets = [
  0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];
/** nginx's status for a request whose caller disconnected before the response. */
const abandonedStatus = 499;

// Of the process and its event loop. Each set holds observers of the runtime, so one per process.
let processMetrics: Registry | undefined;

/**
 * `/metrics` for Prometheus: the process, every request by the pattern of its route, and what
 * `registry` has. No label is a caller's text, so the number of series is bounded.
 *
 * @param scope what an access token must allow to see them
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
    help: 'Time from the request to the end of its response; status 499: the caller disconnected',
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
      config: { isTraced: false, ...(metrics === 'open' ? {} : { scope }) },
    },
    async (_request, reply) => reply.type(all.contentType).send(await all.metrics()),
  );
}

/** Puts the number of open event streams into the registry, and how many there may be. */
export function measureEventStreams(
  registry: Registry,
  streams: Pick<EventStreams, 'open' | 'maximum'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'event_streams_open',
    help: 'Event streams that clients follow',
    registers,
    collect() {
      this.set(streams.open);
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
    description: 'Of this process alone, in the text format of Prometheus.',
    response: {
      200: {
        description: 'The metrics',
        content: { [contentType]: { schema: z.string() } },
      },
    },
  };
}
