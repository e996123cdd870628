import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Json } from './execution.ts';
import { type Bindings, evaluationError } from './jsonata-engine.ts';
import { memoryLimitExceeded } from './jsonata-functions.ts';

export interface EvaluationRequest {
  readonly source: string;
  readonly bindings: Bindings;
}

/** The first message of a worker, sent when it has loaded its modules. */
export interface WorkerReady {
  /** The kernel's id of its thread; undefined on systems other than Linux. */
  readonly threadId: number | undefined;
}

export type EvaluationResponse =
  | { readonly value: Json | undefined }
  | { readonly message: string };

interface Evaluation extends EvaluationRequest {
  resolve(value: Json | undefined): void;
  reject(error: Error): void;
}

interface PooledWorker {
  readonly worker: Worker;
  threadId: WorkerReady['threadId'];
  /** Whether its priority has been lowered. Only privileged processes can raise it again. */
  isSlowed: boolean;
}

/** The timeout counts CPU time, so that other work on the machine does not shorten it. */
const timeoutMilliseconds = 1000;
/** The CPU time is not checked before this: most evaluations have ended by then. */
const graceMilliseconds = 100;
/** From this CPU time on, an evaluation gives way to those that take less. */
const longMilliseconds = 150;
/** How long evaluations wait for a busy worker before new workers start. */
const startDelayMilliseconds = 50;
/** More evaluations wait for a worker. Memory is what limits them: those that run long share the CPU. */
const maxWorkers = 64;
/** The most workers that start at the same time. A start uses CPU time that the service needs too. */
const maxStarting = 4;
/** The most idle workers that are kept. */
const maxIdle = 2;
/** A JSONata value takes several times as much memory here as on AWS. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

const waiting: Evaluation[] = [];
const idle = new Set<PooledWorker>();
let workers = 0;
let starting = 0;
let startTimer: NodeJS.Timeout | undefined;

/**
 * Evaluates an expression in a worker thread, which is terminated after a second of CPU time or when
 * it runs out of memory. This is for expressions that take long, and for those that their own thread
 * could not interrupt, such as a regular expression that backtracks.
 *
 * @throws {Error} with a message that completes the sentence `The expression …`
 */
export function evaluateInWorker(source: string, bindings: Bindings): Promise<Json | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Json | undefined>();
  waiting.push({ source, bindings, resolve, reject });
  if (workers === 0) startWorker();
  assignWork();
  return promise;
}

/** Takes the newest evaluation first, so that it does not wait for earlier endless loops. */
function assignWork(): void {
  for (const pooled of idle) {
    const evaluation = waiting.pop();
    if (!evaluation) break;
    idle.delete(pooled);
    evaluate(pooled, evaluation);
  }
  clearTimeout(startTimer);
  if (waiting.length === 0 || starting > 0) return;
  startTimer = setTimeout(() => {
    const needed = Math.min(waiting.length, maxWorkers - workers, maxStarting);
    for (let started = 0; started < needed; started += 1) startWorker();
  }, startDelayMilliseconds);
}

function startWorker(): void {
  workers += 1;
  starting += 1;
  const worker = new Worker(new URL('./jsonata-worker.ts', import.meta.url), { resourceLimits });
  const pooled: PooledWorker = { worker, threadId: undefined, isSlowed: false };
  worker.once('exit', () => {
    workers -= 1;
    idle.delete(pooled);
    if (waiting.length > 0 && starting === 0) startWorker();
  });
  worker.once('message', ({ threadId }: WorkerReady) => {
    starting -= 1;
    worker.on('error', () => undefined);
    pooled.threadId = threadId;
    makeIdle(pooled);
  });
}

/** An idle worker does not keep the process alive. */
function makeIdle(pooled: PooledWorker): void {
  const { worker, isSlowed } = pooled;
  worker.unref();
  if (!isSlowed) {
    idle.add(pooled);
    assignWork();
    if (idle.size <= maxIdle || !idle.delete(pooled)) return;
  }
  void worker.terminate();
}

/**
 * On Linux this lowers the priority of a worker's thread alone. On other systems it would be that of
 * the whole process.
 */
function slowDown(pooled: PooledWorker): void {
  if (pooled.threadId === undefined || pooled.isSlowed) return;
  pooled.isSlowed = true;
  try {
    setPriority(pooled.threadId, constants.priority.PRIORITY_LOW);
  } catch {
    // A sandbox may forbid it. The evaluation still has its timeout.
  }
}

function evaluate(pooled: PooledWorker, { source, bindings, resolve, reject }: Evaluation): void {
  const { worker } = pooled;
  const finished = new AbortController();
  const timedOut = afterCpuTime(worker, finished.signal, () => slowDown(pooled));
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
    makeIdle(pooled);
  }

  function onError(error: Error & { readonly code?: string }): void {
    const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    settle(() => reject(outOfMemory ? evaluationError(memoryLimitExceeded) : error));
  }

  function onExit(): void {
    settle(() => reject(evaluationError('The worker thread ended unexpectedly.')));
  }

  worker.ref();
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.on('exit', onExit);
  try {
    worker.postMessage({ source, bindings } satisfies EvaluationRequest);
  } catch (error) {
    settle(() => reject(evaluationError(`The data cannot be sent to a worker: ${error}`)));
    makeIdle(pooled);
  }
}

/**
 * Resolves once a worker has used all the CPU time that an evaluation may use.
 *
 * @param onLong called once it has used much of it, perhaps repeatedly
 */
async function afterCpuTime(
  worker: Worker,
  signal: AbortSignal,
  onLong: () => void,
): Promise<void> {
  await delay(graceMilliseconds, undefined, { signal });
  const before = await worker.cpuUsage();
  for (let used = graceMilliseconds; used < timeoutMilliseconds; ) {
    const next = used < longMilliseconds ? longMilliseconds : timeoutMilliseconds;
    await delay(Math.ceil(next - used), undefined, { signal });
    const { user, system } = await worker.cpuUsage(before);
    used = graceMilliseconds + (user + system) / 1000;
    if (used >= longMilliseconds) onLong();
  }
  signal.throwIfAborted();
}
