import { randomUUID } from 'node:crypto';
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import {
  headersTooLargeProblem,
  requestTimeoutProblem,
  unparsableRequestProblem,
} from './http-problems.ts';
import { type Problem, problemContentType, problemDetails } from './problem.ts';

// Long enough for the response to be read, too short to pile up connections by the thousand.
const lingerMilliseconds = 1000;

/**
 * Returns problem details for what the HTTP parser refuses, or what is too slow to arrive. Written to
 * the socket, as there is no request or response object yet.
 */
export function respondToParserError(
  error: Error & { readonly code?: string },
  socket: Socket,
): void {
  // The parser fails again on whatever follows what it failed on.
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable || isResponding(socket)) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error);
  const { status } = problem.type;
  const requestId = randomUUID();
  const body = JSON.stringify(problemDetails(problem, requestId));
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
  // Closing with unread bytes resets the connection, and the response is lost on its way. So read on,
  // for a moment (RFC 9112, 9.6).
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}

/** After a request that has arrived whole, a refusal would be read as the response to that. */
function isResponding(socket: Socket): boolean {
  // Node's own handler goes by this too.
  const response = '_httpMessage' in socket ? socket._httpMessage : undefined;
  return response instanceof ServerResponse && response.req.complete;
}

function problemOf({ code }: { readonly code?: string }): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimeoutProblem();
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLargeProblem();
    default:
      return unparsableRequestProblem();
  }
}
