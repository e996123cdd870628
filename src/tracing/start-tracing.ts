import type { FastifyBaseLogger } from 'fastify';
import { InvalidSettings } from '../settings.ts';
import type { Tracing } from './tracing.ts';
import { readTracingSettings } from './tracing-settings.ts';

/**
 * Starts OpenTelemetry where its own variables ask for it. Its packages weigh more than half as
 * much as all others that production needs, so they are optional, and loaded only here.
 *
 * @throws {InvalidSettings} a variable is not supported, or OpenTelemetry is not installed
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
      'OTEL_TRACES_EXPORTER or OTEL_EXPORTER_OTLP_ENDPOINT asks for OpenTelemetry, which is not installed: run `npm run install:tracing`, or set OTEL_TRACES_EXPORTER=none',
    );
  }
}
