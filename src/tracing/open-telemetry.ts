import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import type { FastifyBaseLogger } from 'fastify';
import { traceCalls } from './call-spans.ts';
import { traceRequests } from './request-spans.ts';
import type { Tracing } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

const serviceName = 'user-onboarding';

/** OpenTelemetry reads its further variables itself: endpoint, headers, timeout, sampler, resource. */
export function createTracing(
  { protocol, joinsCallersTrace }: TracingSettings,
  logger: FastifyBaseLogger,
): Tracing {
  // While it starts, OpenTelemetry warns of variables that it cannot read.
  const warn = (message: string) => logger.warn(`OpenTelemetry: ${message}`);
  const ignore = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.WARN,
  );
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(logOutages(exporter, logger))],
  });
  provider.register(joinsCallersTrace ? {} : { propagator: null });
  diag.disable();
  const tracer = provider.getTracer(serviceName);
  return {
    traceRequests: (app, requestEnds) => traceRequests(app, requestEnds, tracer),
    traceCalls: (client) => traceCalls(client, tracer),
    // That spans could not be sent is in the log, and no reason to exit with an error.
    stop: () => provider.shutdown().catch(ignore),
  };
}

/** Logs an outage of the collector once, rather than every few seconds or never. */
function logOutages(exporter: SpanExporter, logger: FastifyBaseLogger): SpanExporter {
  let isOut = false;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error !== undefined && !isOut) {
          logger.warn(
            { err: { name: error.name, ...('code' in error ? { code: error.code } : {}) } },
            'the trace collector does not take spans; they are dropped until it does',
          );
        } else if (error === undefined && isOut) {
          logger.info('the trace collector takes spans again');
        }
        isOut = error !== undefined;
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
