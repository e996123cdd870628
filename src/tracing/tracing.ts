import type { MetadataBearer, MiddlewareStack } from '@smithy/types';
import type { FastifyInstance } from 'fastify';
import type { RequestEnds } from '../http/request-end.ts';

/** A client of the AWS SDK for any service. */
export interface AwsClient<Input extends object, Output extends MetadataBearer> {
  readonly config: { readonly serviceId: string };
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/** Creates spans and exports them by OTLP over HTTP. */
export interface Tracing {
  /** Creates a server span for each request, except on routes with `isTraced: false`. */
  traceRequests(app: FastifyInstance, requestEnds: RequestEnds): void;
  /** Creates a client span for each call that the client makes during a request. */
  traceCalls<Input extends object, Output extends MetadataBearer>(
    client: AwsClient<Input, Output>,
  ): void;
  /** Exports the remaining spans. */
  stop(): Promise<void>;
}
