import { type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { MetadataBearer } from '@smithy/types';
import type { AwsClient } from './tracing.ts';

/**
 * Creates a client span for each call, including its retries ("Semantic conventions for AWS SDK").
 * Calls outside a traced request get no span, for example those that poll statuses for all callers.
 */
export function traceCalls<Input extends object, Output extends MetadataBearer>(
  { config, middlewareStack }: AwsClient<Input, Output>,
  tracer: Tracer,
): void {
  middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        if (!trace.getActiveSpan()?.isRecording()) return next(call);
        const span = startSpan(tracer, config.serviceId, commandName ?? '');
        try {
          const result = await next(call);
          setRequestId(span, result.output);
          return result;
        } catch (error) {
          setRequestId(span, error);
          // Only the name, since AWS quotes inputs in error messages.
          span.setAttribute('error.type', error instanceof Error ? error.name : '_OTHER');
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      },
    { step: 'initialize', priority: 'high', name: 'traceCalls' },
  );
}

function startSpan(tracer: Tracer, service: string, commandName: string): Span {
  const method = commandName.replace(/Command$/, '');
  return tracer.startSpan(`${service}.${method}`, {
    kind: SpanKind.CLIENT,
    attributes: { 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': method },
  });
}

/** @param bearer a response or an error of the SDK; both have the `$metadata` of the response */
function setRequestId(span: Span, bearer: unknown): void {
  if (typeof bearer !== 'object' || bearer === null || !('$metadata' in bearer)) return;
  const { $metadata } = bearer;
  if (typeof $metadata !== 'object' || $metadata === null || !('requestId' in $metadata)) return;
  if (typeof $metadata.requestId === 'string') {
    span.setAttribute('aws.request_id', $metadata.requestId);
  }
}
