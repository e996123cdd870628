import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';

export const connectionsSchema = z.object({ url: z.string(), connections: z.int() });

export const burstSchema = z.object({
  url: z.string(),
  body: z.string(),
  /** After as many answers, the other requests are given up. */
  answers: z.int(),
});

export const burstResultSchema = z.object({
  /** From the first request to the last answer. */
  seconds: z.number(),
  good: z.int(),
});

const opensAtOnce = 100;

let sockets: Socket[] = [];

/** Opens the connections of the next burst, as callers do who hold theirs. */
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
 * Sends a request on each of the connections at once, and closes them after it. By hand, as a
 * client's own CPU would be a good part of what is measured.
 */
export async function runBurst(details: unknown): Promise<z.infer<typeof burstResultSchema>> {
  const { url, body, answers } = burstSchema.parse(details);
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
  let answered = 0;
  let good = 0;
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      answerOf(socket, (isGood) => {
        answered += 1;
        if (isGood) good += 1;
        if (answered === answers) resolve();
      });
      socket.write(request);
    }
  });
  const seconds = (performance.now() - began) / 1000;
  for (const socket of sockets) socket.destroy();
  sockets = [];
  return { seconds, good };
}

/** Calls back once, when the whole answer is there or there will be none. */
function answerOf(socket: Socket, done: (isGood: boolean) => void): void {
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
