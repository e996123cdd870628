import type { MetadataBearer, MiddlewareStack } from '@smithy/types';
import type { FastifyInstance } from 'fastify';
import type { RequestEnds } from '../http/request-end.ts';

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
