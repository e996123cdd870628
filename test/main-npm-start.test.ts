import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { credentials, environmentFor, logLine } from './support/app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const listening = 'Server listening at ';

/** `npm start`, as a supervisor runs it that knows npm's process only. */
async function npmStart() {
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ...environmentFor('http://127.0.0.1:1'), ...credentials },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process group of its own, to end whatever is left of it.
    detached: true,
  });
  const group = npm.pid;
  if (group === undefined) throw new Error('npm does not run.');
  onTestFinished(() => {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  });
  for await (const line of createInterface(npm.stdout)) {
    // npm's own lines come first.
    const message = line.startsWith('{') ? logLine.parse(JSON.parse(line)).msg : '';
    if (message.startsWith(listening)) return { npm, url: message.slice(listening.length) };
  }
  throw new Error('The service does not run.');
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s to npm alone stops the service', async (signal) => {
  const { npm, url } = await npmStart();
  npm.stdout.resume();
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  npm.kill(signal);
  expect(await once(npm, 'exit')).toEqual([0, null]);
  await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
});
