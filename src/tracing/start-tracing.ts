import type { FastifyBaseLogger } from 'fastify';
import { InvalidSettings } from '../settings.ts';
import type { Tracing } from './tracing.ts';
import { readTracingSettings } from './tracing-settings.ts';

/**
 * Starts OpenTelemetry if its environment variables turn it on. Its packages are more than half the
 * size of all other production dependencies, so they are optional, and loaded only here.
 *
 * @throws {InvalidSettings} the value of a variable is not supported, or OpenTelemetry is not installed
 */
export async function startTracing(
  environment: Readonly<Record<string, string | undefined>>,
  logger: FastifyBaseLogger,
): Promise<Tracing | undefined> {
  const settings = readTracingSettings(environment);
  if (settings === undefined) return undefined;
  const { createTracing } = await loadOpenTelemetry();
  return createTracing(settings, logger);
}

async function loadOpenTelemetry() {
  try {
    return await import('./open-telemetry.ts');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw error;
    }
    throw new InvalidSettings(
      'OTEL_TRACES_EXPORTER or OTEL_EXPORTER_OTLP_ENDPOINT turns on OpenTelemetry, which is not installed: run `npm run install:tracing`, or set OTEL_TRACES_EXPORTER=none',
    );
  }
}
