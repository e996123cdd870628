import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { LRUCache } from 'lru-cache';
import { createCallBudget } from '../call-budget/call-budget.ts';
import { createCallQueue } from '../call-budget/call-queue.ts';
import { type Clock, systemClock } from '../clock.ts';
import { StepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';
import type { HistoryPage } from './execution-history.ts';
import type { Step, StepHistory } from './step.ts';
import { createStepHistory } from './steps.ts';

/** The steps of an execution so far. */
export interface ExecutionSteps {
  readonly status: Execution['status'];
  /** In the order entered. They are updated in place as more of the history is read. */
  readonly steps: readonly Step[];
  /** The id of the newest event read. */
  readonly lastEventId: number;
  /** Whole seconds since the history was read. */
  readonly ageSeconds: number;
}

export interface ExecutionStepsReader {
  /**
   * Returns the steps, read again if they are older than a second and the budget has a token.
   *
   * @param caller the budget is shared fairly among callers
   * @param execution the latest known status: steps that were read before the execution ended, or
   *   before it was redriven, are read again
   * @throws {StepFunctionsError} `not-found`, or another failure if no steps are known
   * @throws {BudgetExhausted} no steps are known, and there was no token in time
   */
  get(
    executionArn: string,
    caller: string,
    execution?: Pick<Execution, 'status'>,
  ): Promise<ExecutionSteps>;
  /** GetExecutionHistory calls that can be made now. */
  tokens(): number;
  close(): void;
}

/** The steps of a running execution are cached this long. */
const freshMilliseconds = 1000;
/** The steps of an execution that failed are cached this long, since an operator can redrive it. */
const unsuccessfulMilliseconds = 120_000;
/** Bounds the memory of the cache, to which every step counts alike. */
const maxCachedSteps = 100_000;

type ExecutionStatus = Execution['status'];

interface Known {
  readonly history: StepHistory;
  readonly lastEventId: number;
  readonly status: ExecutionStatus;
  readonly readAt: number;
}

const statusAfter: Readonly<Record<string, ExecutionStatus | undefined>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
  ExecutionRedriven: 'RUNNING',
};

/** A read in flight, and the callers who wait for it. */
interface Read {
  readonly known: Promise<Known>;
  readonly callers: { readonly id: string }[];
}

/**
 * Reads the steps of executions for any number of callers. Concurrent reads of one execution share
 * one call, which reads only new events.
 *
 * @param options.readPage calls GetExecutionHistory, newest events first
 * @param options.rate GetExecutionHistory calls that this process may make per second
 * @param options.burst GetExecutionHistory calls that it may make at once
 */
export function createExecutionSteps(options: {
  readPage(executionArn: string, nextToken: string | undefined): Promise<HistoryPage>;
  rate: number;
  burst: number;
  clock?: Clock;
}): ExecutionStepsReader {
  const { readPage, rate, burst, clock = systemClock } = options;
  const budget = createCallBudget({ lanes: ['steps'], rate, burst, clock });
  const queue = createCallQueue(budget, 'steps', clock);
  const reads = new Map<string, Read>();
  const cache = new LRUCache<string, Known>({
    maxSize: maxCachedSteps,
    sizeCalculation: ({ history }) => 1 + history.steps.length,
  });

  function isCurrent({ status, readAt }: Known): boolean {
    if (status === 'SUCCEEDED') return true;
    const age = clock.now() - readAt;
    return age < (status === 'RUNNING' ? freshMilliseconds : unsuccessfulMilliseconds);
  }

  async function readNewEvents(
    executionArn: string,
    last: Known,
    callers: Read['callers'],
  ): Promise<Known> {
    let readAt: number | undefined;
    const newEvents: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const token = nextToken;
      const page = await queue.run(() => {
        readAt ??= clock.now();
        return readPage(executionArn, token);
      }, callers);
      const newInPage = page.events.filter(({ id = 0 }) => id > last.lastEventId);
      newEvents.push(...newInPage);
      nextToken = newInPage.length < page.events.length ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    let { lastEventId, status } = last;
    for (const event of newEvents.toReversed()) {
      last.history.add(event);
      lastEventId = event.id ?? lastEventId;
      status = statusAfter[event.type ?? ''] ?? status;
    }
    // A new object, since the cache does not recalculate the size of the same object.
    const known = { history: last.history, lastEventId, status, readAt: readAt ?? 0 };
    cache.set(executionArn, known);
    return known;
  }

  /** Joins a read of the same execution that is in flight. */
  function read(executionArn: string, last: Known | undefined, caller: string): Promise<Known> {
    const inFlight = reads.get(executionArn);
    if (inFlight) {
      inFlight.callers.push({ id: caller });
      return inFlight.known;
    }
    const callers = [{ id: caller }];
    const known = readNewEvents(executionArn, last ?? nothingKnown(), callers).finally(() =>
      reads.delete(executionArn),
    );
    reads.set(executionArn, { known, callers });
    return known;
  }

  /** Returns the last known steps if the read fails. */
  function readOrKeep(executionArn: string, last: Known | undefined, caller: string) {
    return read(executionArn, last, caller).catch((error: unknown) => {
      if (last && !isNotFound(error)) return last;
      throw error;
    });
  }

  return {
    async get(executionArn, caller, execution) {
      let known = cache.get(executionArn);
      const isEnough = known && isCurrent(known) && !isBehind(known, execution);
      if (!isEnough && !(known && budget.tokens() < 1)) {
        const isJoined = reads.has(executionArn);
        known = await readOrKeep(executionArn, known, caller);
        // The joined read may have been sent before the execution ended.
        if (isJoined && isBehind(known, execution)) {
          known = await readOrKeep(executionArn, known, caller);
        }
      }
      const { status, history, lastEventId, readAt } = known ?? nothingKnown();
      const ageSeconds = Math.floor((clock.now() - readAt) / 1000);
      return { status, steps: history.steps, lastEventId, ageSeconds };
    },
    tokens: budget.tokens,
    close() {
      queue.close();
      budget.close();
    },
  };
}

function nothingKnown(): Known {
  return { history: createStepHistory(), lastEventId: 0, status: 'RUNNING', readAt: 0 };
}

/** Whether the execution has ended or has been redriven since the steps were read. */
function isBehind(known: Known, execution: Pick<Execution, 'status'> | undefined): boolean {
  return execution !== undefined && isRunning(execution) !== isRunning(known);
}

function isNotFound(error: unknown): boolean {
  return error instanceof StepFunctionsError && error.failure === 'not-found';
}
