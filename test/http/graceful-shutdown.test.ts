import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openSocket } from '../support/raw-http.ts';
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
  const open = await new Promise((resolve) => {
    app.app.server.getConnections((_error, count) => resolve(count));
  });
  expect(open).toBe(1);
  arriving.destroy();
  await closing;
  unused.destroy();
});
