import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { replySchema } from './remote-calls.ts';

/** A child process of the benchmark. */
export interface Child {
  /** @throws the error of the child, or an error if it ends */
  call<T>(operation: string, details: unknown, result: z.ZodType<T>): Promise<T>;
  /** Kills it. */
  stop(): Promise<void>;
  /** Sends SIGTERM, and returns its exit code. */
  terminate(): Promise<number | null>;
}

/**
 * Starts a module in a child process. Its stdout, where servers log, is discarded, so that no process
 * of the benchmark spends CPU time on reading it.
 */
export function startChild(
  module: string,
  options: { env?: Readonly<Record<string, string>>; execArgv?: readonly string[] } = {},
): Child {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), {
    // A folder without the `.env` file of the developer.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...options.env },
    execArgv: [...(options.execArgv ?? [])],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', (message) => {
    const { id, result, error } = replySchema.parse(message);
    const waiting = pending.get(id);
    pending.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  });
  const exited = once(child, 'exit');
  void exited.then(() => {
    for (const { reject } of pending.values()) reject(new Error(`${module} ended`));
  });
  return {
    async call(operation, details, result) {
      lastId += 1;
      const waiting = Promise.withResolvers<unknown>();
      pending.set(lastId, waiting);
      child.send({ id: lastId, operation, details });
      return result.parse(await waiting.promise);
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
    async terminate() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}
