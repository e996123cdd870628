import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { openSocket } from '../support/raw-http.ts';
import { startOnboarding } from '../support/requests.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

const callers = 1000;

/** Responds to each message with the heap in use after a collection. */
const reportHeap = `
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('message', () => {
    collect();
    process.send(process.memoryUsage().heapUsed);
  });
`;

async function heapOf({ child }: ServiceProcess): Promise<number> {
  const reported = once(child, 'message');
  child.send('heap');
  const [bytes] = await reported;
  return Number(bytes);
}

/** The heap that one response takes while it is held. */
async function heapOfOne(service: ServiceProcess, path: string, header: string): Promise<number> {
  const untilHeld = (count: number) =>
    vi.waitFor(
      async () => {
        const metrics = await (await fetch(`${service.url}/metrics`)).text();
        expect(metrics).toMatch(new RegExp(`^status_held_callers ${count}$`, 'm'));
      },
      { timeout: 30_000 },
    );
  async function hold(): Promise<Socket[]> {
    const sockets = [];
    for (let caller = 0; caller < callers; caller += 1) {
      const socket = openSocket(service.url);
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: example.com\r\n${header}\r\n\r\n`);
      sockets.push(socket);
    }
    await untilHeld(callers);
    return sockets;
  }
  async function release(sockets: readonly Socket[]): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await untilHeld(0);
  }
  // The first ones also load and compile code.
  await release(await hold());
  const before = await heapOf(service);
  const sockets = await hold();
  const after = await heapOf(service);
  await release(sockets);
  return (after - before) / callers;
}

test('an open stream takes hardly more memory than a caller who waits', async () => {
  const stub = await startStepFunctionsStub();
  closeAfterwards(stub);
  const settings = { MAX_EVENT_STREAMS: String(callers) };
  const service = await startServiceProcess(stub.url, settings, reportHeap);
  const path = `/onboarding-status/${await startOnboarding(service.url)}`;
  const stream = await heapOfOne(service, path, 'Accept: text/event-stream');
  const waiter = await heapOfOne(service, path, 'Prefer: wait=60');
  expect(stream).toBeLessThan(1.2 * waiter);
}, 120_000);
