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
export type WorkerReady = 'ready';

export type EvaluationResponse =
  | { readonly value: Json | undefined }
  | { readonly message: string };

export type Outcome = { readonly value: Json | undefined } | { readonly error: Error };

/** A thread that evaluates one expression at a time. */
export interface EvaluationWorker {
  /** False once it is terminated, for example because an evaluation takes too long. */
  readonly isAlive: boolean;
  /**
   * Evaluates an expression, which fails after a second of CPU time or when it runs out of memory.
   *
   * @param onLong called once it has used a tenth of that. If it returns false, the evaluation is
   *   postponed: the worker is terminated, and the outcome is undefined
   */
  evaluate(request: EvaluationRequest, onLong: () => boolean): Promise<Outcome | undefined>;
  /** Until its next evaluation, it does not keep the process alive. */
  rest(): void;
  terminate(): void;
}

/** The timeout counts CPU time, so that other work on the machine does not shorten it. */
const timeoutMilliseconds = 1000;
/** From this CPU time on, an evaluation is long. */
const longMilliseconds = 100;
/** The CPU time is not checked before this: most evaluations have ended by then. */
const graceMilliseconds = 50;
/** A JSONata value takes several times as much memory here as on AWS. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** @throws the error of the thread if it cannot load its modules */
export async function startEvaluationWorker(): Promise<EvaluationWorker> {
  const worker = new Worker(new URL('./jsonata-worker.ts', import.meta.url), { resourceLimits });
  let isAlive = true;
  const terminate = () => {
    isAlive = false;
    void worker.terminate();
  };
  await new Promise<WorkerReady>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  worker.once('exit', () => {
    isAlive = false;
  });
  // A terminated worker may still report that it is out of memory.
  worker.on('error', () => undefined);
  return {
    get isAlive() {
      return isAlive;
    },
    rest: () => worker.unref(),
    terminate,
    async evaluate(request, onLong) {
      const ended = new AbortController();
      const outcome = Promise.withResolvers<Outcome | undefined>();
      const fail = (message: string) => outcome.resolve({ error: evaluationError(message) });
      const onMessage = (response: EvaluationResponse) =>
        outcome.resolve('value' in response ? response : { error: new Error(response.message) });
      const onError = (error: Error & { readonly code?: string }) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? fail(memoryLimitExceeded)
          : outcome.resolve({ error });
      const onExit = () => fail('The worker thread ended unexpectedly.');
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.ref();
      try {
        worker.postMessage(request);
      } catch (error) {
        fail(`The data cannot be sent to a worker: ${error}`);
      }
      limitCpuTime(worker, ended.signal, onLong).then(
        (isPostponed) => {
          if (isPostponed) outcome.resolve(undefined);
          else {
            const limit = `Evaluation timeout after ${timeoutMilliseconds} milliseconds`;
            fail(`D1012: ${limit}. Check for infinite loop`);
          }
          terminate();
        },
        () => undefined,
      );
      try {
        return await outcome.promise;
      } finally {
        ended.abort();
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      }
    },
  };
}

/**
 * Resolves when an evaluation must stop: with true if `onLong` postponed it, and with false if it has
 * used all the CPU time that it may use. Rejects when the signal aborts.
 */
async function limitCpuTime(
  worker: Worker,
  signal: AbortSignal,
  onLong: () => boolean,
): Promise<boolean> {
  await delay(graceMilliseconds, undefined, { signal });
  const before = await worker.cpuUsage();
  async function use(milliseconds: number): Promise<void> {
    for (let used = graceMilliseconds; used < milliseconds; ) {
      await delay(Math.ceil(milliseconds - used), undefined, { signal });
      const { user, system } = await worker.cpuUsage(before);
      used = graceMilliseconds + (user + system) / 1000;
    }
    signal.throwIfAborted();
  }
  await use(longMilliseconds);
  if (!onLong()) return true;
  await use(timeoutMilliseconds);
  return false;
}
