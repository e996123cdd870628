import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { buildApp } from '../../../src/app.ts';
import { readSettings } from '../../../src/settings.ts';
import { environmentFor } from '../../support/app.ts';
import { problemIn } from '../../support/requests.ts';

/** The problem and the log of production's own app with a route that throws something unforeseen. */
async function failingWith(thrown: unknown) {
  const lines: string[] = [];
  const destination = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  const settings = readSettings(environmentFor('http://127.0.0.1:1'));
  const app = await buildApp(settings, pino({}, destination));
  app.get('/bug', async () => {
    throw thrown;
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  lines.length = 0;
  const problem = await problemIn(await fetch(`${url}/bug`));
  await app.close();
  return { problem, lines: lines.map((line) => JSON.parse(line)) };
}

test('an unforeseen error gives an opaque 500, and one log line with its stack', async () => {
  const { problem, lines } = await failingWith(new TypeError('an inner secret'));
  expect(problem).toEqual({
    type: '/problems/internal-error',
    title: 'Internal error',
    status: 500,
    detail: 'Something went wrong in the service. Quote the request id when you report it.',
    instance: expect.any(String),
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    level: 50,
    msg: 'request failed',
    requestId: problem.instance,
    route: '/bug',
    status: 500,
    err: { type: 'TypeError', stack: expect.stringContaining('error-handler.test.ts') },
  });
});

test.each([
  ['an error with a code of its own', Object.assign(new Error('secret'), { code: 'ENOENT' })],
  [
    'an error with a status of its own',
    Object.assign(new Error('secret'), { code: 'X', statusCode: 503 }),
  ],
  ['a string', 'secret'],
  ['undefined', undefined],
])('%s thrown gives an opaque 500', async (_what, thrown) => {
  const { problem } = await failingWith(thrown);
  expect(problem).toMatchObject({ type: '/problems/internal-error', status: 500 });
  expect(JSON.stringify(problem)).not.toContain('secret');
});
