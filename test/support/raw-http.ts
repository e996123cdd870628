import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A connection of one's own, to send what no HTTP client would. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), allowHalfOpen: true });
}

/** What comes back until the other side closes, read as one answer. */
export async function answerFrom(socket: Socket): Promise<Response> {
  const received = await text(socket);
  socket.destroy();
  const [head = '', ...body] = received.split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (?<status>\d{3}) /.exec(statusLine)?.groups?.status;
  if (status === undefined) throw new Error(`This is no answer: ${JSON.stringify(head)}`);
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  return new Response(body.join('\r\n\r\n'), { status: Number(status), headers });
}
