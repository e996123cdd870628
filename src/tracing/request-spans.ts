import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addLogFields } from '../http/log-fields.ts';
import type { RequestEnd, RequestEnds } from '../http/request-end.ts';

interface RequestTrace {
  readonly span: Span;
  /** Headers that make a started execution part of the trace. */
  readonly headers: { readonly traceparent: string };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set if the request is traced. */
    trace?: RequestTrace;
  }
  interface FastifyContextConfig {
    /** `false` for routes that health checks and scrapers request every few seconds. */
    isTraced?: boolean;
  }
}

declare module '../http/log-fields.ts' {
  interface RequestLogFields {
    traceId?: string;
  }
}

/**
 * Creates a server span for each request ("Semantic conventions for HTTP spans"). Spans contain no
 * text from the caller: no query or path parameters, which may be personal data, and no error
 * messages. `@fastify/otel` would give all spans the same name, include the query, and treat every
 * 4xx as an error.
 */
export function traceRequests(
  app: FastifyInstance,
  requestEnds: RequestEnds,
  tracer: Tracer,
): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config?.isTraced === false) return done();
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const span = startSpan(tracer, request, parent);
    const { traceId, spanId, traceFlags } = span.spanContext();
    const traceparent = `00-${traceId}-${spanId}-0${traceFlags & 1}`;
    request.trace = { span, headers: { traceparent } };
    addLogFields(request, { traceId });
    context.with(trace.setSpan(parent, span), done);
  });
  requestEnds.listen((end, request) => {
    if (request?.trace) endSpan(request.trace.span, end);
  });
}

function startSpan(tracer: Tracer, request: FastifyRequest, parent: Context): Span {
  const { method, protocol } = request;
  const route = request.routeOptions.url;
  return tracer.startSpan(
    route === undefined ? method : `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': method,
        'url.scheme': protocol,
        // The route pattern, since path parameters may be personal data.
        ...(route === undefined ? {} : { 'http.route': route, 'url.path': route }),
      },
    },
    parent,
  );
}

function endSpan(span: Span, { status, isAbandoned, fields }: RequestEnd): void {
  // An abandoned request has no response, and so no status.
  if (!isAbandoned) {
    span.setAttribute('http.response.status_code', status);
    if (status >= 500) {
      span.setAttribute('error.type', fields?.problem ?? String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
  }
  span.end();
}
