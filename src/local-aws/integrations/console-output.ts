import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { format } from 'node:util';
import type { TaskLog } from '../states-language/execution.ts';

/** The names that Lambda's Node.js runtime logs for the methods of `console`. */
const levels = {
  debug: 'DEBUG',
  info: 'INFO',
  log: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;

const logs = new AsyncLocalStorage<TaskLog>();

for (const [method, level] of Object.entries(levels)) {
  subscribe(`console.${method}`, (args) => {
    const log = logs.getStore();
    if (log && Array.isArray(args)) log(`${level} ${format(...args)}`);
  });
}

/**
 * Runs a function and passes on what it prints with `console`, even after it has returned. All
 * functions share this process, so the asynchronous context identifies the function.
 */
export function withConsoleOutput<Result>(log: TaskLog, run: () => Result): Result {
  return logs.run(log, run);
}
