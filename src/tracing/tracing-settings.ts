import { InvalidSettings } from '../settings.ts';

const protocols = ['http/protobuf', 'http/json'] as const;
const propagators = ['tracecontext', 'baggage', 'none'];
const exporters = ['otlp', 'none'];

export interface TracingSettings {
  readonly protocol: (typeof protocols)[number];
  /** Whether a request with `traceparent` joins the caller's trace. */
  readonly joinsCallersTrace: boolean;
}

/**
 * Reads the variables of OpenTelemetry ("Environment Variable Specification") that its packages do
 * not read themselves. `undefined` if they do not turn tracing on.
 *
 * @throws {InvalidSettings} the value of a variable is not supported
 */
export function readTracingSettings(
  environment: Readonly<Record<string, string | undefined>>,
): TracingSettings | undefined {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  const exporter = listOf('OTEL_TRACES_EXPORTER', environment, exporters);
  const hasEndpoint =
    environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (exporter === undefined ? !hasEndpoint : !exporter.includes('otlp')) return undefined;
  const variable = environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const wanted = environment[variable] || 'http/protobuf';
  const protocol = protocols.find((each) => each === wanted);
  if (protocol === undefined) throw wrong(variable, protocols);
  const propagation = listOf('OTEL_PROPAGATORS', environment, propagators);
  return { protocol, joinsCallersTrace: propagation?.includes('tracecontext') ?? true };
}

function listOf(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  supported: readonly string[],
): string[] | undefined {
  // An empty variable means "not set".
  const items = environment[variable]?.split(',').map((item) => item.trim());
  if (items === undefined || items.join() === '') return undefined;
  if (items.some((item) => !supported.includes(item))) throw wrong(variable, supported);
  return items;
}

function wrong(variable: string, supported: readonly string[]): InvalidSettings {
  return new InvalidSettings(`${variable} is wrong: expected ${supported.join(' or ')}`);
}
