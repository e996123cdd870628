import { setImmediate } from 'node:timers/promises';

const turnMilliseconds = 10;
let turnStarted = performance.now();
let nextTurn: Promise<unknown> = Promise.resolve();

/**
 * Lets the event loop have a turn every 10 ms. Code that never waits runs in microtasks alone, and
 * would starve every timer and socket of the process.
 *
 * All callers of one turn share its 10 ms and the others queue for the next turns, so that a thousand
 * executions delay a request no longer than one does.
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
