import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';

/** Opens a TCP connection, to send what no HTTP client would send. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), allowHalfOpen: true });
}

/**
 * Requests more than the buffers of a connection hold, and reads nothing of it.
 *
 * @param more sent after the requests
 */
export function openUnreadSocket(url: string, more = ''): Socket {
  const socket = openSocket(url).on('error', () => undefined);
  const request = 'GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n\r\n';
  socket.write(request.repeat(20) + more);
  return socket;
}

/** Returns the number of open connections. */
export function countConnections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => resolve(count));
  });
}

/** Reads one response, until the other side closes the connection. */
export async function readResponse(socket: Socket): Promise<Response> {
  const received = await text(socket);
  socket.destroy();
  return responseOf(received);
}

function responseOf(received: string): Response {
  const [head = '', ...body] = received.split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (?<status>\d{3}) /.exec(statusLine)?.groups?.status;
  if (status === undefined) throw new Error(`Not an HTTP response: ${JSON.stringify(head)}`);
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  // The Response constructor rejects even an empty body for these statuses.
  const isBodiless = status === '204' || status === '304';
  return new Response(isBodiless ? null : body.join('\r\n\r\n'), {
    status: Number(status),
    headers,
  });
}

/** Reads all responses, until the other side closes the connection. */
export async function readResponses(socket: Socket): Promise<Response[]> {
  const received = Buffer.concat(await socket.toArray());
  socket.destroy();
  const responses: Response[] = [];
  for (let rest = received; rest.length > 0; ) {
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    const head = rest.toString('latin1', 0, headEnd);
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    responses.push(responseOf(rest.toString('utf8', 0, headEnd + length)));
    rest = rest.subarray(headEnd + length);
  }
  return responses;
}
