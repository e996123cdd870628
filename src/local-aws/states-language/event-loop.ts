import { setImmediate } from 'node:timers/promises';

const turnMilliseconds = 10;
let turnStarted = performance.now();
let nextTurn: Promise<unknown> = Promise.resolve();

/**
 * Lets the event loop take a turn every 10 ms. Executions that never wait run in microtasks only and
 * would starve all timers and sockets of the process.
 *
 * All callers share the 10 ms of one turn; the rest queue for later turns. A thousand executions
 * therefore delay a request no longer than one does.
 */
export function yieldToEventLoop(): Promise<unknown> | undefined {
  if (performance.now() - turnStarted < turnMilliseconds) return undefined;
  nextTurn = nextTurn.then(takeTurn);
  return nextTurn;
}

async function takeTurn(): Promise<void> {
  if (performance.now() - turnStarted < turnMilliseconds) return;
  await setImmediate();
  turnStarted = performance.now();
}
