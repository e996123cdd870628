import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Agent, type Dispatcher } from 'undici';

type Handle = Parameters<UndiciHttpHandler['handle']>;
export type Signal = NonNullable<Handle[1]>['abortSignal'];

const attempt = 'attempt';

/**
 * Calls `listener` when the first attempt of a call is sent. A call that fails earlier, for example
 * without credentials, has no attempt.
 *
 * @param signal the `abortSignal` of that call, and of no other
 */
export function onFirstAttempt(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener(attempt, listener, { once: true });
}

/** Triggers {@link onFirstAttempt}. Request handlers call it before they send. */
export function noteAttempt(signal: Signal): void {
  if (signal instanceof AbortSignal) signal.dispatchEvent(new Event(attempt));
}

/** The SDK's request handler for undici, which also reports attempts. */
export class HttpHandler extends UndiciHttpHandler {
  readonly dispatcher: Dispatcher;

  constructor(options?: Agent.Options) {
    const dispatcher = new Agent(options);
    super({ dispatcher });
    this.dispatcher = dispatcher;
  }

  override handle(...[request, options]: Handle) {
    noteAttempt(options?.abortSignal);
    return super.handle(request, options);
  }

  /** Ends all calls and makes later calls fail. The base class would let later calls through. */
  override destroy(): void {
    void this.dispatcher.destroy();
  }
}
