import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/types';
import type { Dispatcher } from 'undici';
import { type HttpHandler, noteAttempt, type Signal } from '../http-handler.ts';

/**
 * Sends a request over the handler's connections and reads the response without a stream, which takes
 * less CPU time. Rejects with the same errors as the handler.
 */
export function dispatch(
  { dispatcher }: HttpHandler,
  { protocol, hostname, port, path, headers, body }: HttpRequest,
  signal: Signal,
): Promise<{ response: HttpResponse }> {
  noteAttempt(signal);
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(
      { origin, path, method: 'POST', headers, body },
      responseReader(signal, (response) => resolve({ response }), reject),
    );
  });
}

function responseReader(
  signal: Signal,
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let head = { statusCode: 0, headers: {} };
  let stopListening = () => {};
  return {
    onRequestStart(controller) {
      if (!(signal instanceof AbortSignal)) return;
      const abort = () =>
        controller.abort(new DOMException('The call was aborted.', { name: 'AbortError' }));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      stopListening = () => signal.removeEventListener('abort', abort);
    },
    onResponseStart(_controller, statusCode, headers) {
      // Called again after informational responses, so the last call counts.
      head = { statusCode, headers };
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      stopListening();
      const [first] = chunks;
      const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve(new HttpResponse({ ...head, body }));
    },
    onResponseError(_controller, error) {
      stopListening();
      reject(Object.assign(error, nameForSdk(error)));
    },
  };
}

/** Returns the names that the SDK's handler uses, by which the SDK recognises transient errors. */
function nameForSdk(error: Error): { name?: string } {
  switch ('code' in error ? error.code : undefined) {
    case 'UND_ERR_BODY_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { name: 'TimeoutError' };
    case 'UND_ERR_SOCKET':
      return { name: 'RequestTimeout' };
    default:
      return {};
  }
}
