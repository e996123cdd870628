import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Json } from './execution.ts';
import { type Bindings, evaluationError } from './jsonata-engine.ts';
import { memoryLimitExceeded } from './jsonata-functions.ts';

export interface EvaluationRequest {
  readonly source: string;
  readonly bindings: Bindings;
}

/** What a worker sends first, once it has loaded what it needs. */
export type WorkerReady = 'ready';

export type EvaluationResponse =
  | { readonly value: Json | undefined }
  | { readonly message: string };

interface Evaluation extends EvaluationRequest {
  resolve(value: Json | undefined): void;
  reject(error: Error): void;
}

/** CPU time, so that an evaluation pays for its own work only. */
const timeoutMilliseconds = 1000;
/** Most evaluations are over before their CPU time is looked at. */
const graceMilliseconds = 100;
/** How long expressions wait for a busy worker before they get new ones. */
const startDelayMilliseconds = 50;
const maxWorkers = 32;
/** Workers that start at the same time. A start costs CPU time that the service needs too. */
const maxStarting = 4;
/** Workers that stay while there is nothing to do. */
const maxIdle = 2;
/** JSONata's values take several times the memory that they take on AWS. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

const waiting: Evaluation[] = [];
const idle = new Set<Worker>();
let workers = 0;
let starting = 0;
let startTimer: NodeJS.Timeout | undefined;

/**
 * Evaluates an expression in a thread of its own, which is ended after a second of CPU time, or when
 * it is out of memory. For expressions that run long, or that may block in a way that nothing in
 * their own thread can end, such as a regular expression that backtracks.
 *
 * @throws {Error} whose message continues `The expression `
 */
export function evaluateInWorker(source: string, bindings: Bindings): Promise<Json | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Json | undefined>();
  waiting.push({ source, bindings, resolve, reject });
  if (workers === 0) startWorker();
  assignWork();
  return promise;
}

/** The newest first, so that an expression does not wait for endless loops that came before it. */
function assignWork(): void {
  for (const worker of idle) {
    const evaluation = waiting.pop();
    if (!evaluation) break;
    idle.delete(worker);
    evaluate(worker, evaluation);
  }
  clearTimeout(startTimer);
  if (waiting.length === 0 || starting > 0) return;
  startTimer = setTimeout(() => {
    const missing = Math.min(waiting.length, maxWorkers - workers, maxStarting);
    for (let started = 0; started < missing; started += 1) startWorker();
  }, startDelayMilliseconds);
}

function startWorker(): void {
  workers += 1;
  starting += 1;
  const worker = new Worker(new URL('./jsonata-worker.ts', import.meta.url), { resourceLimits });
  worker.once('exit', () => {
    workers -= 1;
    idle.delete(worker);
    if (waiting.length > 0 && starting === 0) startWorker();
  });
  worker.once('message', (_ready: WorkerReady) => {
    starting -= 1;
    worker.on('error', () => undefined);
    makeIdle(worker);
  });
}

/** A worker without work does not keep the process alive. */
function makeIdle(worker: Worker): void {
  worker.unref();
  idle.add(worker);
  assignWork();
  if (idle.size <= maxIdle || !idle.delete(worker)) return;
  void worker.terminate();
}

function evaluate(worker: Worker, { source, bindings, resolve, reject }: Evaluation): void {
  const finished = new AbortController();
  const timedOut = afterCpuTime(worker, finished.signal);
  timedOut.then(
    () => {
      const limit = `Evaluation timeout after ${timeoutMilliseconds} milliseconds`;
      settle(() => reject(evaluationError(`D1012: ${limit}. Check for infinite loop`)));
      void worker.terminate();
    },
    () => undefined,
  );

  function settle(report: () => void): void {
    finished.abort();
    worker.off('message', onMessage);
    worker.off('error', onError);
    worker.off('exit', onExit);
    report();
  }

  function onMessage(response: EvaluationResponse): void {
    settle(() => {
      if ('message' in response) reject(new Error(response.message));
      else resolve(response.value);
    });
    makeIdle(worker);
  }

  function onError(error: Error & { readonly code?: string }): void {
    const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    settle(() => reject(outOfMemory ? evaluationError(memoryLimitExceeded) : error));
  }

  function onExit(): void {
    settle(() => reject(evaluationError('The worker that evaluated it has ended.')));
  }

  worker.ref();
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.on('exit', onExit);
  try {
    worker.postMessage({ source, bindings } satisfies EvaluationRequest);
  } catch (error) {
    settle(() => reject(evaluationError(`The data cannot be sent to a worker: ${error}`)));
    makeIdle(worker);
  }
}

/** Resolves once a worker has worked for as long as an evaluation may. */
async function afterCpuTime(worker: Worker, signal: AbortSignal): Promise<void> {
  await delay(graceMilliseconds, undefined, { signal });
  const before = await worker.cpuUsage();
  for (let left = timeoutMilliseconds - graceMilliseconds; left > 0; ) {
    await delay(Math.ceil(left), undefined, { signal });
    const { user, system } = await worker.cpuUsage(before);
    left = timeoutMilliseconds - graceMilliseconds - (user + system) / 1000;
  }
  signal.throwIfAborted();
}
