import { InvalidSettings } from './settings.ts';

/**
 * Starts OpenTelemetry where its own variables ask for it, and answers how to stop it: a span for
 * each request by its route, and one for each call to Step Functions, sent by OTLP over HTTP.
 *
 * Its packages weigh two thirds of all others that production needs, so they are installed by those
 * who want them, and loaded by nobody else. It has to start before the server is built.
 *
 * @throws {InvalidSettings} it is asked for and not installed
 */
export async function startTracing(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<() => Promise<void>> {
  if (!isWanted(environment)) return async () => undefined;
  const { fastify, trace, resources, exporter, undici } = await loadOpenTelemetry();
  const provider = new trace.NodeTracerProvider({
    resource: resources
      .defaultResource()
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new trace.BatchSpanProcessor(new exporter.OTLPTraceExporter())],
  });
  provider.register();
  // Both listen to what their library publishes, and change nothing of it. Errors are left out,
  // as their messages are for the log, which keeps personal data out.
  new fastify.FastifyOtelInstrumentation({
    registerOnInitialization: true,
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
  }).setTracerProvider(provider);
  new undici.UndiciInstrumentation({ requireParentforSpans: true }).setTracerProvider(provider);
  return () => provider.shutdown();
}

/** See "Environment Variable Specification" of OpenTelemetry. */
function isWanted(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  const { OTEL_TRACES_EXPORTER: exporter } = environment;
  if (exporter) return exporter.split(',').includes('otlp');
  return Boolean(
    environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  );
}

async function loadOpenTelemetry() {
  try {
    return {
      fastify: await import('@fastify/otel'),
      trace: await import('@opentelemetry/sdk-trace-node'),
      resources: await import('@opentelemetry/resources'),
      exporter: await import('@opentelemetry/exporter-trace-otlp-http'),
      undici: await import('@opentelemetry/instrumentation-undici'),
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw error;
    }
    throw new InvalidSettings(
      'OTEL_TRACES_EXPORTER or OTEL_EXPORTER_OTLP_ENDPOINT asks for OpenTelemetry, which is not installed: see Traces in the README',
    );
  }
}
