import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { credentials, environmentFor, logLine } from './support/app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const listening = 'Server listening at ';

/** Runs `npm start` like a supervisor that knows only the process of npm. */
async function npmStart() {
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ...environmentFor('http://127.0.0.1:1'), ...credentials },
    stdio: ['ignore', 'pipe', 'inherit'],
    // Its own process group, so that cleaning up ends the children too.
    detached: true,
  });
  const group = npm.pid;
  if (group === undefined) throw new Error('npm did not start.');
  onTestFinished(() => {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // The group has ended.
    }
  });
  for await (const line of createInterface(npm.stdout)) {
    // npm's own lines come first.
    const message = line.startsWith('{') ? logLine.parse(JSON.parse(line)).msg : '';
    if (message.startsWith(listening)) return { npm, url: message.slice(listening.length) };
  }
  throw new Error('The service did not start.');
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s to npm alone stops the service', async (signal) => {
  const { npm, url } = await npmStart();
  npm.stdout.resume();
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  npm.kill(signal);
  expect(await once(npm, 'exit')).toEqual([0, null]);
  await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
});
