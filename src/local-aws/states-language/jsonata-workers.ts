import { availableParallelism } from 'node:os';
import {
  type EvaluationRequest,
  type EvaluationWorker,
  startEvaluationWorker,
} from './evaluation-worker.ts';
import type { Json } from './execution.ts';
import type { Bindings } from './jsonata-engine.ts';

interface Evaluation extends EvaluationRequest {
  resolve(value: Json | undefined): void;
  reject(error: unknown): void;
}

/** How many evaluations of each kind run at once. More would share the CPU, and all take longer. */
const parallelism = Math.min(Math.max(availableParallelism(), 2), 8);
/** The maximum number of idle workers. */
const maxIdle = 2;

/** The newest is last and runs first, so that it does not wait for endless loops that came before it. */
const waiting: Evaluation[] = [];
/** Long evaluations that were interrupted for others. The oldest is first and runs first. */
const postponed: Evaluation[] = [];
const idle: Promise<EvaluationWorker>[] = [];
/** How many more evaluations may run: long ones, and those that are not known to be long. */
const free = { short: parallelism, long: parallelism };
/** How many waiting evaluations will run as soon as their worker has started. */
let preparing = 0;

/**
 * Evaluates an expression in a worker thread, which is terminated after a second of CPU time or when
 * it runs out of memory. This is for expressions that take long, and for those that cannot be
 * interrupted from within their thread, such as a regular expression that backtracks.
 *
 * If an evaluation turns out to be long while too many long ones run, it is interrupted and starts
 * again later. That is safe, because expressions have no side effects.
 *
 * @throws {Error} with a message that completes the sentence `The expression …`
 */
export function evaluateInWorker(source: string, bindings: Bindings): Promise<Json | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Json | undefined>();
  waiting.push({ source, bindings, resolve, reject });
  runWaiting();
  return promise;
}

function runWaiting(): void {
  while (free.short > 0 && preparing < waiting.length) void runNewest();
}

function runPostponed(): void {
  const evaluation = free.long > 0 ? postponed.shift() : undefined;
  if (evaluation) void runLong(evaluation);
}

async function runNewest(): Promise<void> {
  free.short -= 1;
  preparing += 1;
  const starting = takeWorker();
  const worker = await starting.catch(() => undefined);
  preparing -= 1;
  const evaluation = waiting.pop();
  let slot: 'short' | 'long' | undefined = 'short';
  if (!worker) {
    starting.catch((error) => evaluation?.reject(error));
  } else if (evaluation) {
    await evaluate(worker, evaluation, () => {
      free.short += 1;
      slot = free.long > 0 ? 'long' : undefined;
      if (slot) free.long -= 1;
      else postponed.push(evaluation);
      // Start a worker now, so that the next evaluation need not wait for it.
      if (idle.length === 0) startIdle();
      runWaiting();
      return slot !== undefined;
    });
  }
  release(worker);
  if (slot) free[slot] += 1;
  runWaiting();
  runPostponed();
}

async function runLong(evaluation: Evaluation): Promise<void> {
  free.long -= 1;
  try {
    const worker = await takeWorker();
    await evaluate(worker, evaluation, () => true);
    release(worker);
  } catch (error) {
    evaluation.reject(error);
  }
  free.long += 1;
  runPostponed();
}

/** @param onLong as in {@link EvaluationWorker} */
async function evaluate(
  worker: EvaluationWorker,
  { source, bindings, resolve, reject }: Evaluation,
  onLong: () => boolean,
): Promise<void> {
  const outcome = await worker.evaluate({ source, bindings }, onLong);
  if (outcome === undefined) return;
  if ('error' in outcome) reject(outcome.error);
  else resolve(outcome.value);
}

function takeWorker(): Promise<EvaluationWorker> {
  return idle.shift() ?? startEvaluationWorker();
}

function startIdle(): void {
  const starting = startEvaluationWorker();
  starting.then(
    (worker) => worker.rest(),
    // The evaluation that takes this worker reports the error.
    () => undefined,
  );
  idle.push(starting);
}

function release(worker: EvaluationWorker | undefined): void {
  if (!worker?.isAlive) return;
  if (idle.length >= maxIdle) {
    worker.terminate();
    return;
  }
  worker.rest();
  // Put it before a worker that may still be starting.
  idle.unshift(Promise.resolve(worker));
}
