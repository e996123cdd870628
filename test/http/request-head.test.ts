import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { problemIn } from '../support/requests.ts';
import { closeAfterwards } from '../support/start-behind.ts';

async function exchange(...lines: readonly string[]): Promise<Response> {
  // Nothing is sent there.
  const app = await startApp('http://127.0.0.1:1');
  closeAfterwards(app);
  const socket = openSocket(app.url);
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  return readResponse(socket);
}

test('HTTP/1.1 without a Host is a problem', async () => {
  const answer = await exchange('GET /health/live HTTP/1.1');
  expect(await problemIn(answer)).toMatchObject({ status: 400, type: '/problems/invalid-request' });
});

test('HTTP/1.0 needs no Host', async () => {
  expect((await exchange('GET /health/live HTTP/1.0')).status).toBe(200);
});

test('an expectation that nobody knows is ignored', async () => {
  const answer = await exchange(
    'GET /health/live HTTP/1.1',
    'Host: example.com',
    'Expect: wonders',
  );
  expect(answer.status).toBe(200);
});
