import { randomUUID } from 'node:crypto';
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { clientErrorProblem, problemContentType, problemDocument } from './problems.ts';

// Long enough for the answer to arrive and be read, too short to hold connections by the thousand.
const lingerMilliseconds = 1000;

/**
 * Answers what is too broken for the HTTP parser, or too slow to arrive, with a problem as well.
 * Written by hand since there is no request to answer yet.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // The parser fails again on whatever follows what it failed on.
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const problem = clientErrorProblem(error);
  const { status } = problem.type;
  const requestId = randomUUID();
  const body = JSON.stringify(problemDocument(problem, requestId));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${problemContentType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  // Closing with bytes unread resets the connection, and the answer is lost on its way. So they are
  // still read, but the caller is not waited for any longer (RFC 9112, 9.6).
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}

/** Behind a request that has arrived whole, a refusal would be read as the answer to that. */
function isAnswering(socket: Socket): boolean {
  // Node's own handler goes by this too.
  const response = '_httpMessage' in socket ? socket._httpMessage : undefined;
  return response instanceof ServerResponse && response.req.complete;
}
