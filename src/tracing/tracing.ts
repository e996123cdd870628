import type { MetadataBearer, MiddlewareStack } from '@smithy/types';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { RequestEnds } from '../http/request-end.ts';
import { InvalidSettings } from '../settings.ts';
import { readTracingSettings } from './tracing-settings.ts';

/** A client of the AWS SDK, for any service. */
export interface AwsClient<Input extends object, Output extends MetadataBearer> {
  readonly config: { readonly serviceId: string };
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/** Spans of what the service does, sent by OTLP over HTTP. */
export interface Tracing {
  /** A server span for each request, except to routes whose config has `isTraced: false`. */
  traceRequests(app: FastifyInstance, requestEnds: RequestEnds): void;
  /** A client span for each call that the client makes while a request is handled. */
  traceCalls<Input extends object, Output extends MetadataBearer>(
    client: AwsClient<Input, Output>,
  ): void;
  /** Sends what has not been sent. */
  stop(): Promise<void>;
}

/**
 * Starts OpenTelemetry where its own variables ask for it. Its packages weigh more than half of all
 * others that production needs, so they are optional, and loaded here alone.
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
