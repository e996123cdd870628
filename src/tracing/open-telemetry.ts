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

/** OpenTelemetry itself reads the variables for endpoint, headers, timeout, sampler and resource. */
export function createTracing(
  { protocol, joinsCallersTrace }: TracingSettings,
  logger: FastifyBaseLogger,
): Tracing {
  // At the start, OpenTelemetry warns about variables that it cannot parse.
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
    // A failed export has been logged and must not make the process exit with an error.
    stop: () => provider.shutdown().catch(ignore),
  };
}

/** Logs the beginning and the end of an outage of the collector, not every failed export. */
function logOutages(exporter: SpanExporter, logger: FastifyBaseLogger): SpanExporter {
  let isOut = false;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error !== undefined && !isOut) {
          logger.warn(
            { err: { name: error.name, ...('code' in error ? { code: error.code } : {}) } },
            'the trace collector does not accept spans; dropping spans until it does',
          );
        } else if (error === undefined && isOut) {
          logger.info('the trace collector accepts spans again');
        }
        isOut = error !== undefined;
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
