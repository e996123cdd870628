import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { LRUCache } from 'lru-cache';
import { createCallBudget } from '../call-budget/call-budget.ts';
import { createTurns } from '../call-budget/turns.ts';
import { type Clock, systemClock } from '../clock.ts';
import { StepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';
import type { HistoryPage } from './execution-history.ts';
import type { Step, StepHistory } from './step.ts';
import { createStepHistory } from './steps.ts';

/** What an execution has done and is doing. */
export interface ExecutionSteps {
  readonly status: Execution['status'];
  /** In the order entered. They change as more of the history is read. */
  readonly steps: readonly Step[];
  /** The id of the newest event that was read. */
  readonly lastEventId: number;
  /** Whole seconds since the history was read. */
  readonly ageSeconds: number;
}

export interface ExecutionStepsReader {
  /**
   * The newest steps that the budget allows.
   *
   * @param caller who asks: the budget is shared fairly among callers
   * @param execution what is known of its status: steps that were read before it ended, or before
   *   it was redriven, are read again
   * @throws {StepFunctionsError} `not-found`; or another failure where no steps are known
   * @throws {BudgetExhausted} no steps are known, and there was no token in time
   */
  get(
    executionArn: string,
    caller: string,
    execution?: Pick<Execution, 'status'>,
  ): Promise<ExecutionSteps>;
  /** GetExecutionHistory calls that can be made at this moment. */
  tokens(): number;
  close(): void;
}

/** Steps younger than this are given without asking again. */
const FRESH_MILLISECONDS = 1000;
/** A failed execution can be redriven by an operator; one that succeeded is over for good. */
const UNSUCCESSFUL_MILLISECONDS = 120_000;
/** A step takes about 500 bytes. */
const STEPS_MAX = 100_000;

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
  const budget = createCallBudget({ lanes: ['steps'], rate, burst, clock });
  const turns = createTurns(budget, 'steps', clock);
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

  async function readNews(executionArn: string, last: Known, caller: string): Promise<Known> {
    let readAt: number | undefined;
    const news: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const token = nextToken;
      const page = await turns.run(() => {
        readAt ??= clock.now();
        return readPage(executionArn, token);
      }, caller);
      const newOnes = page.events.filter(({ id = 0 }) => id > last.lastEventId);
      news.push(...newOnes);
      nextToken = newOnes.length < page.events.length ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    let { lastEventId, status } = last;
    for (const event of news.toReversed()) {
      last.history.add(event);
      lastEventId = event.id ?? lastEventId;
      status = statusAfter[event.type ?? ''] ?? status;
    }
    // Another object, since the cache would not measure the same one again.
    const known = { history: last.history, lastEventId, status, readAt: readAt ?? 0 };
    cache.set(executionArn, known);
    return known;
  }

  /** Shared by all who ask meanwhile. */
  function read(executionArn: string, last: Known | undefined, caller: string): Promise<Known> {
    const underWay = reads.get(executionArn);
    if (underWay) return underWay;
    const reading = readNews(executionArn, last ?? nothing(), caller).finally(() =>
      reads.delete(executionArn),
    );
    reads.set(executionArn, reading);
    return reading;
  }

  /** The last known steps, where there are none newer to be had. */
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
        const isUnderWay = reads.has(executionArn);
        known = await readOrKeep(executionArn, known, caller);
        // What was under way may have been read before the execution ended.
        if (isUnderWay && isBehind(known, execution)) {
          known = await readOrKeep(executionArn, known, caller);
        }
      }
      const { status, history, lastEventId, readAt } = known ?? nothing();
      const ageSeconds = Math.floor((clock.now() - readAt) / 1000);
      return { status, steps: history.steps, lastEventId, ageSeconds };
    },
    tokens: budget.tokens,
    close() {
      turns.close();
      budget.close();
    },
  };
}

function nothing(): Known {
  return { history: createStepHistory(), lastEventId: 0, status: 'RUNNING', readAt: 0 };
}

/** Whether the execution is known to have ended, or to have been redriven, since the steps were read. */
function isBehind(known: Known, execution: Pick<Execution, 'status'> | undefined): boolean {
  return execution !== undefined && isRunning(execution) !== isRunning(known);
}

function isNotFound(error: unknown): boolean {
  return error instanceof StepFunctionsError && error.failure === 'not-found';
}
