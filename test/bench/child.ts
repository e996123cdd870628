import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { replySchema } from './questions.ts';

/** A process of the benchmark's own. */
export interface Child {
  /** @throws what the child threw, or that it ended */
  ask<T>(about: string, details: unknown, answer: z.ZodType<T>): Promise<T>;
  /** Ends it at once. */
  stop(): Promise<void>;
  /** Sends SIGTERM. Resolves to its exit code. */
  terminate(): Promise<number | null>;
}

/**
 * Starts a module in a process of its own. Its standard output, where servers log, goes nowhere, so
 * that no process of the benchmark pays for reading it.
 */
export function startChild(
  module: string,
  options: { env?: Readonly<Record<string, string>>; execArgv?: readonly string[] } = {},
): Child {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), {
    // A `.env` file of the developer's is not to be found.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...options.env },
    execArgv: [...(options.execArgv ?? [])],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', (message) => {
    const { id, answer, error } = replySchema.parse(message);
    const waiting = asked.get(id);
    asked.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  });
  const exited = once(child, 'exit');
  void exited.then(() => {
    for (const { reject } of asked.values()) reject(new Error(`${module} ended`));
  });
  return {
    async ask(about, details, answer) {
      lastId += 1;
      const waiting = Promise.withResolvers<unknown>();
      asked.set(lastId, waiting);
      child.send({ id: lastId, about, details });
      return answer.parse(await waiting.promise);
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
