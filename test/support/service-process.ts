import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { credentials, type Environment, environmentFor, type LogLine, logLine } from './app.ts';
import { search } from './log-privacy.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServiceProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** The exit code. */
  readonly exited: Promise<number | null>;
  /** All lines logged so far. */
  readonly lines: readonly LogLine[];
  /** Waits for the first log line that starts with this message. */
  logged(message: string): Promise<LogLine>;
}

/**
 * Runs production's own main in a child process, with Step Functions at `stubUrl`, and waits until
 * it listens. `preload` is the source of a module that runs first. `program` is another file to run.
 */
export async function startServiceProcess(
  stubUrl: string,
  settings: Environment = {},
  preload = '',
  program = main,
): Promise<ServiceProcess> {
  const child = fork(program, {
    // A folder without a .env file.
    cwd: tmpdir(),
    env: { ...environmentFor(stubUrl), ...credentials, ...settings },
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(preload)}`],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const log: LogLine[] = [];
  if (!child.stdout) throw new Error('The child process has no stdout.');
  createInterface(child.stdout).on('line', (line) => {
    search(line);
    log.push(logLine.parse(JSON.parse(line)));
  });
  const logged = (message: string) =>
    vi.waitUntil(() => log.find(({ msg }) => msg.startsWith(message)), { timeout: 30_000 });
  const listening = 'Server listening at ';
  const { msg } = await logged(listening);
  return { url: msg.slice(listening.length), child, exited, lines: log, logged };
}
