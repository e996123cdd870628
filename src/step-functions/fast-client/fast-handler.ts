import type { SFNClient } from '@aws-sdk/client-sfn';
import { HttpRequest } from '@smithy/core/protocols';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import type { HandlerExecutionContext } from '@smithy/types';
import { HttpHandler } from '../http-handler.ts';
import { type CallOptions, optionsOf } from './call-options.ts';
import { dispatch } from './dispatch.ts';
import { retryAfterFailure } from './retry.ts';
import { removeSdkMiddleware } from './sdk-middleware.ts';
import { createSigning } from './signing.ts';

/** An SDK command of any operation. */
export type Command = Parameters<SFNClient['send']>[0];

/** Makes one call. */
export type FastHandler = (
  call: Pick<Command, 'input'> & CallOptions,
) => Promise<{ readonly output: object }>;

/**
 * Returns a function that creates the handler for all calls of an operation from the parts of its
 * first call: the resolved command, the context and the unsigned request. It returns `undefined` if
 * that request cannot be reused.
 */
export function createFastHandlers({ config, middlewareStack }: SFNClient) {
  // The SDK spreads its configuration for every call. V8 stores that object as a dictionary, which is
  // slow to spread. It stores a copy as a plain object, which is fast to spread.
  const serde = getSchemaSerdePlugin({ ...config });
  const signWith = createSigning(config);
  const { requestHandler } = config;
  if (!(requestHandler instanceof HttpHandler)) {
    throw new TypeError('The fast client requires a client with an HttpHandler.');
  }

  return (
    command: Command,
    context: HandlerExecutionContext,
    request: unknown,
  ): FastHandler | undefined => {
    const { abortSignal, commandInstance, selectedHttpAuthScheme, ...sharedContext } =
      context.__smithy_context ?? {};
    if (!HttpRequest.isInstance(request) || !selectedHttpAuthScheme) return undefined;
    // The signer supports neither another path nor a query.
    if (request.path !== '/' || Object.keys(request.query ?? {}).length > 0) return undefined;
    const { 'content-length': _contentLength, ...headers } = request.headers;

    const stack = middlewareStack.concat(command.middlewareStack);
    removeSdkMiddleware(stack);
    stack.use(serde);
    stack.add(
      (next) => (args) => {
        const body = JSON.stringify(args.input);
        return next({ ...args, request: { ...request, headers: { ...headers }, body } });
      },
      { step: 'serialize', name: 'serializerMiddleware', override: true },
    );
    stack.add(retryAfterFailure(config), {
      step: 'finalizeRequest',
      priority: 'high',
      name: 'retryMiddleware',
    });
    stack.add(signWith(selectedHttpAuthScheme), {
      step: 'finalizeRequest',
      name: 'httpSigningMiddleware',
    });
    return stack.resolve(
      async (args) => {
        if (!HttpRequest.isInstance(args.request)) throw new TypeError('The request is missing.');
        return dispatch(requestHandler, args.request, optionsOf(args).abortSignal);
      },
      { ...context, __smithy_context: sharedContext },
    );
  };
}
