import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { noteSent, signalOf } from './call-signal.ts';

/**
 * The SDK team's handler, with the answer's body read by undici itself, which takes fewer steps than
 * the SDK's reading of a stream.
 */
export class BufferedHttpHandler extends UndiciHttpHandler {
  override async handle(...[request, options]: Parameters<UndiciHttpHandler['handle']>) {
    const signal = signalOf(request);
    if (signal) noteSent(signal);
    const { response } = await super.handle(request, {
      ...options,
      abortSignal: signal ?? options?.abortSignal,
    });
    response.body = await response.body.bytes();
    return { response };
  }
}
