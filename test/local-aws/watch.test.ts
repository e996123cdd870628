import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs an npm script in a temporary directory, whose files the test may change. */
async function runInCopy(script: string) {
  const directory = await mkdtemp(join(tmpdir(), 'watch-'));
  await cp(join(root, 'config'), join(directory, 'config'), { recursive: true });
  await symlink(join(root, 'src'), join(directory, 'src'));
  const child = spawn(`exec ${script}`, {
    cwd: directory,
    shell: true,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
      PORT: '0',
      LOCAL_STEP_FUNCTIONS_PORT: '0',
      LOCAL_DYNAMODB_PORT: '0',
      LOCAL_SQS_PORT: '0',
      LOCAL_API_GATEWAY_PORT: '0',
      LOCAL_CONSOLE_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true });
  });
  const output = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  let printed = '';
  return {
    directory,
    /** Waits for the next match in the output, after the previous one. */
    async next(pattern: RegExp): Promise<string> {
      for (;;) {
        const match = pattern.exec(printed);
        if (match) {
          printed = printed.slice(match.index + match[0].length);
          return match[0];
        }
        const { value, done } = await output.next();
        if (done) throw new Error(`The process ended without printing ${pattern}: ${printed}`);
        printed += value;
      }
    },
  };
}

test('npm run dev:watch restarts when a file under config changes', async () => {
  const watched = await runInCopy(packageJson.scripts['dev:watch']);
  const service = /Service +http:\S+/;
  const before = await watched.next(service);
  await appendFile(join(watched.directory, 'config/local.env'), '\n');
  expect(await watched.next(service)).not.toBe(before);
});
