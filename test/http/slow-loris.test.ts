import { connect, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startServiceProcess } from '../support/service-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const connections = 500;

/** Opens connections that send a header at a time, and new ones for those that are cut off. */
function startSlowLoris(url: string) {
  const sockets = new Set<Socket>();
  let cutOff = 0;
  let isStopped = false;
  const { hostname, port } = new URL(url);
  function attack(): void {
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
        attack();
      });
  }
  for (let i = 0; i < connections; i += 1) attack();
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write('x-header: value\r\n');
  }, 500);
  return {
    cutOff: () => cutOff,
    connected: () => [...sockets].filter(({ pending }) => !pending).length,
    stop() {
      isStopped = true;
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function medianMilliseconds(url: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 300; i += 1) {
    const began = performance.now();
    const answer = await fetch(`${url}/onboarding-status/not-an-arn`);
    await answer.arrayBuffer();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[150] ?? Number.NaN;
}

test('500 connections that are slow on purpose leave the latency of others within twice the normal', async () => {
  // In a process of its own: what the attack costs this one is not to be measured.
  const { url } = await startServiceProcess('http://127.0.0.1:1', {
    REQUEST_TIMEOUT_SECONDS: '3',
    LOG_LEVEL: 'info',
  });
  await medianMilliseconds(url);
  const before = await medianMilliseconds(url);
  const attack = startSlowLoris(url);
  await vi.waitFor(() => expect(attack.connected()).toBe(connections), { timeout: 10_000 });
  const during = await medianMilliseconds(url);
  await vi.waitFor(() => expect(attack.cutOff()).toBeGreaterThanOrEqual(connections), {
    timeout: 30_000,
  });
  attack.stop();
  const after = await medianMilliseconds(url);
  expect(during).toBeLessThan(2 * Math.max(before, after));
});
