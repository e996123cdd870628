import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Agent, type Dispatcher } from 'undici';

type Handle = Parameters<UndiciHttpHandler['handle']>;
export type Signal = NonNullable<Handle[1]>['abortSignal'];

const attempt = 'attempt';

/**
 * Calls `listener` when the first attempt of a call leaves for Step Functions. `signal` must be the
 * `abortSignal` of that call only. A call that fails earlier, for example for lack of credentials,
 * has no attempt.
 */
export function onFirstAttempt(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener(attempt, listener, { once: true });
}

/** For request handlers: calls the listener of {@link onFirstAttempt}. */
export function noteAttempt(signal: Signal): void {
  if (signal instanceof AbortSignal) signal.dispatchEvent(new Event(attempt));
}

/** The SDK team's handler for undici, which also notes attempts. */
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

  /** Ends all calls. Later ones fail; they would not with the handler that this one extends. */
  override destroy(): void {
    void this.dispatcher.destroy();
  }
}
