import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { countConnections, openSocket, openUnreadSocket } from '../support/raw-http.ts';
import { startBehind } from '../support/start-behind.ts';

test('while the process stops, an unused connection closes before one whose request is arriving', async () => {
  const { app, url } = await startBehind({});
  const [unused, arriving] = [openSocket(url), openSocket(url)];
  arriving.write('POST /process-user-onboarding HTTP/1.1\r\n');
  await Promise.all([once(unused, 'connect'), once(arriving, 'connect')]);
  // Once this has its response, the server has seen the bytes.
  await fetch(`${url}/health/live`);
  const closing = app.close();
  unused.resume();
  await once(unused, 'end');
  expect(await countConnections(app.app)).toBe(1);
  arriving.destroy();
  await closing;
  unused.destroy();
});

test('a client that reads nothing of its response does not hold up the stop', async () => {
  const { app, url } = await startBehind({}, { SHUTDOWN_GRACE_SECONDS: '1' });
  const { server } = app.app;
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = openUnreadSocket(url);
  const socket = await connected;
  let written = 0;
  await vi.waitFor(
    () => {
      const before = written;
      written = socket.bytesWritten;
      expect(socket.writableLength).toBeGreaterThan(0);
      expect(written).toBe(before);
    },
    { timeout: 30_000, interval: 100 },
  );
  await app.close();
  expect(await countConnections(app.app)).toBe(0);
  client.destroy();
});
