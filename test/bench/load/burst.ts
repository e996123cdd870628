import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';

const connectionsSchema = z.object({ url: z.string(), connections: z.int() });

const burstSchema = z.object({
  url: z.string(),
  body: z.string(),
  /** When this many responses have arrived, the other requests are aborted. */
  responses: z.int(),
});

export const burstResultSchema = z.object({
  /** From the first request to the last response. */
  seconds: z.number(),
  good: z.int(),
});

const opensAtOnce = 100;

let sockets: Socket[] = [];

/** Opens the connections of the next burst, as for callers with open connections. */
export async function openConnections(details: unknown): Promise<void> {
  const { url, connections } = connectionsSchema.parse(details);
  const { hostname, port } = new URL(url);
  while (sockets.length < connections) {
    const opened = Array.from({ length: opensAtOnce }, () => connect(Number(port), hostname));
    await Promise.all(opened.map((socket) => once(socket, 'connect')));
    sockets.push(...opened);
  }
}

/**
 * Sends a request on all of the connections at once, and closes them afterwards. Without an HTTP
 * client, whose CPU time would be a large part of the measurement.
 */
export async function runBurst(details: unknown): Promise<z.infer<typeof burstResultSchema>> {
  const { url, body, responses } = burstSchema.parse(details);
  const { host, pathname } = new URL(url);
  const request = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const began = performance.now();
  let received = 0;
  let good = 0;
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      onceResponded(socket, (isGood) => {
        received += 1;
        if (isGood) good += 1;
        if (received === responses) resolve();
      });
      socket.write(request);
    }
  });
  const seconds = (performance.now() - began) / 1000;
  for (const socket of sockets) socket.destroy();
  sockets = [];
  return { seconds, good };
}

/** Calls back once, when the response is complete or the connection has closed. */
function onceResponded(socket: Socket, done: (isGood: boolean) => void): void {
  let text = '';
  const onData = (chunk: string) => {
    text += chunk;
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
    const bodyAt = text.indexOf('\r\n\r\n') + 4;
    if (length === undefined || bodyAt < 4 || text.length < bodyAt + Number(length)) return;
    settle(text.startsWith('HTTP/1.1 200 '));
  };
  const settle = (isGood: boolean) => {
    socket.off('data', onData);
    socket.off('close', onClose);
    done(isGood);
  };
  const onClose = () => settle(false);
  socket.setEncoding('latin1');
  socket.on('data', onData);
  socket.on('error', () => undefined);
  socket.on('close', onClose);
}
