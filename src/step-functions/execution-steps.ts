import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../execution-statuses/clock.ts';
import { StatusNotYetKnown } from '../execution-statuses/errors.ts';
import { createTokenBucket } from '../execution-statuses/token-bucket.ts';
import { StepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';
import type { HistoryPage } from './execution-history.ts';
import { createStepHistory, type Step, type StepHistory } from './steps.ts';

/** What an execution has done and is doing. */
export interface ExecutionSteps {
  readonly status: Execution['status'];
  /** In the order entered. */
  readonly steps: readonly Step[];
  /** Whole seconds since the history was read. */
  readonly ageSeconds: number;
}

export interface ExecutionStepsReader {
  /**
   * The newest steps that the budget allows.
   *
   * @throws {StepFunctionsError} `not-found`; or another failure where no steps are known
   * @throws {StatusNotYetKnown} no steps are known, and there was no token in time
   */
  get(executionArn: string): Promise<ExecutionSteps>;
  /** GetExecutionHistory calls that can be made at this moment. */
  tokens(): number;
}

/** Steps younger than this are given without asking again. */
const FRESH_MILLISECONDS = 1000;
/** A failed execution can be redriven by an operator; one that succeeded is over for good. */
const UNSUCCESSFUL_MILLISECONDS = 120_000;
const AWAITED_MILLISECONDS = 5000;
/** A step takes about 500 bytes. */
const STEPS_MAX = 100_000;

type ExecutionStatus = Execution['status'];

interface Known {
  readonly history: StepHistory;
  lastEventId: number;
  status: ExecutionStatus;
  readAt: number;
}

const statusAfter: Readonly<Record<string, ExecutionStatus | undefined>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
  ExecutionRedriven: 'RUNNING',
};

/**
 * Reads the steps of executions for any number of callers. Whoever asks for the same execution at
 * the same time shares one read, and only events that are new are read.
 *
 * @param options.readPage GetExecutionHistory, newest events first
 * @param options.rate GetExecutionHistory calls a second that this process may make
 * @param options.burst such calls at once
 */
export function createExecutionSteps(options: {
  readPage(executionArn: string, nextToken: string | undefined): Promise<HistoryPage>;
  rate: number;
  burst: number;
  clock?: Clock;
}): ExecutionStepsReader {
  const { readPage, rate, burst, clock = systemClock } = options;
  const bucket = createTokenBucket({ rate, burst, clock });
  const reads = new Map<string, Promise<Known>>();
  const cache = new LRUCache<string, Known>({
    maxSize: STEPS_MAX,
    sizeCalculation: ({ history }) => 1 + history.steps.length,
  });

  function isCurrent({ status, readAt }: Known): boolean {
    if (status === 'SUCCEEDED') return true;
    const age = clock.now() - readAt;
    return age < (status === 'RUNNING' ? FRESH_MILLISECONDS : UNSUCCESSFUL_MILLISECONDS);
  }

  async function takeToken(): Promise<void> {
    const deadline = clock.now() + AWAITED_MILLISECONDS;
    while (!bucket.take()) {
      const left = deadline - clock.now();
      if (left <= 0) throw new StatusNotYetKnown(Math.ceil(1 / rate) + 1);
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.schedule(Math.min(left, bucket.untilToken()), resolve);
      await promise;
    }
  }

  async function readWithinBudget(executionArn: string, nextToken: string | undefined) {
    await takeToken();
    try {
      return await readPage(executionArn, nextToken);
    } catch (error) {
      if (error instanceof StepFunctionsError && error.failure === 'throttled') bucket.slowDown();
      throw error;
    } finally {
      bucket.returned();
    }
  }

  async function readNews(executionArn: string, known: Known): Promise<Known> {
    const askedAt = clock.now();
    const news: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await readWithinBudget(executionArn, nextToken);
      const newOnes = page.events.filter(({ id = 0 }) => id > known.lastEventId);
      news.push(...newOnes);
      nextToken = newOnes.length < page.events.length ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    for (const event of news.toReversed()) {
      known.history.add(event);
      known.lastEventId = event.id ?? known.lastEventId;
      known.status = statusAfter[event.type ?? ''] ?? known.status;
    }
    known.readAt = askedAt;
    cache.set(executionArn, known);
    return known;
  }

  /** Shared by all who ask meanwhile. */
  function read(executionArn: string, known: Known | undefined): Promise<Known> {
    const underWay = reads.get(executionArn);
    if (underWay) return underWay;
    const reading = readNews(executionArn, known ?? nothing()).finally(() =>
      reads.delete(executionArn),
    );
    reads.set(executionArn, reading);
    return reading;
  }

  return {
    async get(executionArn) {
      const last = cache.get(executionArn);
      const isEnough = last && (isCurrent(last) || bucket.tokens() < 1);
      const known = isEnough
        ? last
        : await read(executionArn, last).catch((error: unknown) => {
            if (last && !isNotFound(error)) return last;
            throw error;
          });
      const { status, history, readAt } = known;
      const ageSeconds = Math.floor((clock.now() - readAt) / 1000);
      return { status, steps: history.steps, ageSeconds };
    },
    tokens: bucket.tokens,
  };
}

function nothing(): Known {
  return { history: createStepHistory(), lastEventId: 0, status: 'RUNNING', readAt: 0 };
}

function isNotFound(error: unknown): boolean {
  return error instanceof StepFunctionsError && error.failure === 'not-found';
}
