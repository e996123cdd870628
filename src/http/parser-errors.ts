import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Connection, lingerAndClose, unfinished } from './connections.ts';
import {
  connectProblem,
  headersTooLargeProblem,
  requestTimeoutProblem,
  unparsableRequestProblem,
} from './problem-details/http-problems.ts';
import { type Problem, problemContentType, problemDetails } from './problem-details/problem.ts';
import type { RequestEnds } from './request-end.ts';
import { securityHeaders } from './security-headers.ts';
import type { HttpSettings } from './settings.ts';

/** Maps the errors of Node's HTTP parser and its timeouts; `undefined` for other errors. */
export function parserProblem(error: Error & { readonly code?: string }): Problem | undefined {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeoutProblem();
  if (error.code === 'HPE_HEADER_OVERFLOW') return headersTooLargeProblem();
  return error.code?.startsWith('HPE_') ? unparsableRequestProblem() : undefined;
}

/**
 * Responds to requests that the HTTP parser cannot read. The refusal follows the pending responses
 * of the connection, which then closes. If only the body is invalid, the refusal is the response of
 * that request. CONNECT, which Node does not pass to the request handler, is refused the same way.
 *
 * @returns Fastify's `clientErrorHandler`
 */
export function registerParserErrors(
  app: FastifyInstance,
  connections: ReadonlyMap<Socket, Connection>,
  requestEnds: RequestEnds,
  { publicUrl }: Pick<HttpSettings, 'publicUrl'>,
): (error: Error, socket: Socket) => void {
  const parserErrorOf = ({ socket, complete }: IncomingMessage) =>
    complete ? undefined : connections.get(socket)?.parserError;
  // The parser failed in the body before anything reads it.
  app.addHook('preParsing', ({ raw }, _reply, _payload, done) => done(parserErrorOf(raw)));
  app.addHook('onSend', ({ raw }, reply, _payload, done) => {
    if (parserErrorOf(raw)) reply.header('connection', 'close');
    done();
  });
  app.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    // Node has removed its own listeners from the socket.
    for (const event of ['error', 'end', 'timeout']) socket.on(event, () => socket.destroy());
    socket.resume();
    refuse(socket, connectProblem(request.url), 'CONNECT');
  });

  function refuse(socket: Socket, problem: Problem, method: string | null = null): void {
    const connection = connections.get(socket);
    const last = connection && unfinished(connection).at(-1);
    if (last) last.response.once('finish', () => respond(socket, problem, method));
    else respond(socket, problem, method);
  }

  function respond(socket: Socket, problem: Problem, method: string | null): void {
    // The previous response has closed the connection.
    if (socket.writableEnded) return;
    const foundAt = performance.now();
    const requestId = randomUUID();
    const body = JSON.stringify(problemDetails(problem, requestId, publicUrl));
    socket.write(`${headOf(problem, body, requestId)}${body}`);
    lingerAndClose(socket);
    requestEnds.report({
      requestId,
      method,
      route: null,
      status: problem.type.status,
      durationMilliseconds: performance.now() - foundAt,
      isAbandoned: false,
      fields: { problem: problem.type.slug },
    });
  }

  return (error, socket) => {
    const connection = connections.get(socket);
    // The parser reports another error for every chunk that follows.
    if (socket.writableEnded || connection?.parserError) return;
    const problem = parserProblem(error);
    if (problem === undefined || connection === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    connection.parserError = error;
    socket.once('end', () => socket.destroy());
    const latest = connection.exchanges.at(-1);
    if (latest === undefined || latest.request.complete) refuse(socket, problem);
    else if (latest.response.writableFinished) lingerAndClose(socket);
    else {
      latest.response.once('finish', () => lingerAndClose(socket));
      // The reader of the body gets the error, as it does when the client disconnects.
      if (latest.request.listenerCount('error') > 0) latest.request.emit('error', error);
    }
  };
}

function headOf(problem: Problem, body: string, requestId: string): string {
  const { status } = problem.type;
  const headers = {
    ...securityHeaders,
    ...problem.extras.headers,
    'content-type': problemContentType,
  };
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `date: ${new Date().toUTCString()}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '\r\n',
  ].join('\r\n');
}
