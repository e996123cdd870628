import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const dripMilliseconds = 500;

/** Connections that never finish their request. One that is cut off is replaced by a new one. */
export interface SlowConnections {
  /** The number of connections cut off so far. */
  cutOff(): number;
  stop(): void;
}

/** Opens `count` connections to `url` that send one header every half second, as Slowloris does. */
export async function openSlowConnections(url: string, count: number): Promise<SlowConnections> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let cutOff = 0;
  let isStopped = false;

  function open(): Socket {
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.add(socket);
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n');
    socket
      .resume()
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket);
        if (isStopped) return;
        cutOff += 1;
        open();
      });
    return socket;
  }

  await Promise.all(Array.from({ length: count }, () => once(open(), 'connect')));
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write('x-header: value\r\n');
  }, dripMilliseconds);
  return {
    cutOff: () => cutOff,
    stop() {
      isStopped = true;
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}
