import type { SFNClient } from '@aws-sdk/client-sfn';
import type { HttpHandlerOptions } from '@smithy/types';
import { type Command, createFastHandlers, type FastHandler } from './fast-handler.ts';
import { takeSdkMiddleware } from './sdk-middleware.ts';

/**
 * Makes `client.send` faster, in the form that returns a promise. For every call, the SDK computes
 * endpoint, authentication scheme, headers and user agent, with the same result for all calls of an
 * operation. Here it does so once: later calls copy that request and add their own body and
 * signature. The client's retry strategy and request handler stay in use.
 *
 * A call with an abort signal costs no more than one without. The SDK, however, assembles its
 * middleware again for each call with options, and keeps it in memory until the call ends.
 *
 * Call this before other middleware is added to the client.
 *
 * @throws {SdkMiddlewareChanged} the client's middleware differs from the expected one
 */
export function makeFast(client: SFNClient): void {
  const sdkMiddleware = takeSdkMiddleware(client);
  const sendBySdk = client.send.bind(client);
  const createHandler = createFastHandlers(client);
  const handlers = new Map<unknown, FastHandler>();

  async function send(command: Command, options: HttpHandlerOptions = {}): Promise<object> {
    const handler = handlers.get(command.constructor) ?? (await prepare(command));
    if (handler === undefined || !isFlat(command.input)) return sendBySdk(command, options);
    const { output } = await handler({ input: command.input, options });
    return output;
  }

  /** Returns `undefined` if the SDK has to make the call itself, or throw its own error. */
  async function prepare(command: Command): Promise<FastHandler | undefined> {
    let handler: FastHandler | undefined;
    const stack = sdkMiddleware.clone();
    stack.add(
      (_next, context) => async (args) => {
        handler = createHandler(command, context, args.request);
        return { response: undefined, output: { $metadata: {} } };
      },
      // After all other build middleware, before retries and signing.
      { step: 'build', priority: 'low', name: 'keepRequest' },
    );
    await command
      .resolveMiddleware(
        stack,
        client.config,
        {},
      )(command)
      .catch(() => undefined);
    if (handler) handlers.set(command.constructor, handler);
    return handler;
  }

  Object.assign(client, { send });
}

/** Whether JSON.stringify writes the input as the SDK does, which converts dates and bytes. */
function isFlat(input: object): boolean {
  return Object.values(input).every((value) => typeof value !== 'object');
}
