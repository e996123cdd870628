import { UndiciHttpHandler } from '@smithy/undici-http-handler';

/**
 * The SDK team's handler, with the answer's body read by undici itself, which takes fewer steps than
 * the SDK's reading of a stream.
 */
export class BufferedHttpHandler extends UndiciHttpHandler {
  override async handle(...call: Parameters<UndiciHttpHandler['handle']>) {
    const { response } = await super.handle(...call);
    response.body = await response.body.bytes();
    return { response };
  }
}
