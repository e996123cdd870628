import { UndiciHttpHandler } from '@smithy/undici-http-handler';

const attempt = 'attempt';

/**
 * Calls `listener` when the first attempt of a call leaves for Step Functions. `signal` must be the
 * `abortSignal` of that call alone. A call that fails before, as without credentials, has no attempt.
 */
export function onFirstAttempt(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener(attempt, listener, { once: true });
}

/** The SDK team's handler for undici, which also dispatches the event of {@link onFirstAttempt}. */
export class HttpHandler extends UndiciHttpHandler {
  override handle(...[request, options]: Parameters<UndiciHttpHandler['handle']>) {
    const signal = options?.abortSignal;
    if (signal instanceof AbortSignal) signal.dispatchEvent(new Event(attempt));
    return super.handle(request, options);
  }
}
