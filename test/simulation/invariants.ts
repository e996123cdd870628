import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import type { Status } from '../../src/execution-statuses/status.ts';
import { rankOf } from '../../src/status-table/rank.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { isRunning } from '../../src/step-functions/execution.ts';
import { descriptionLag } from './step-functions.ts';
import type { Process, World } from './world.ts';

/** The feed's interval, the time of its calls, a second read of what was behind, and some. */
const toldWithin = 2500;
/** Beyond that an unanswered question is a failure of ours, where nothing else fails. */
export const madeUpWithin = 180_000;
/** How long after an outage it may still show. */
const outageShows = 65_000;
/** As long as an end that can be redriven is believed, and a read. */
const unsuccessfulFor = 125_000;
/** Until all that is waited for has been described, by a fourth of the account's rate. */
const describedWithin = 40_000;
/** How much longer that takes where others use the quota up every twenty seconds. */
const throttledFor = 20_000;

/** Somebody whose response is held until an execution ends. */
export interface Waiter {
  readonly process: Process;
  readonly executionArn: string;
  readonly since: number;
  isOver: boolean;
}

/** What must hold, whatever goes wrong. */
export function watchInvariants(world: World) {
  const { clock, weather, stepFunctions, dynamoDb, failures } = world;
  const { tableOutages, stepFunctionsOutages } = weather;
  const lag = weather.indexLag + weather.readLag + 2 * weather.skew;
  const waiters = new Set<Waiter>();
  /** Requests that have no response yet, by process and ARN. */
  const requests = new Map<string, number>();
  /** The highest rank that each process has given, by its name and the ARN. */
  const given = new Map<string, number>();

  function fail(what: string): void {
    failures.push(`at ${Math.round(clock.now())} ms: ${what}`);
  }

  /** When the table had a state of at least this rank. */
  function writtenAt(executionArn: string, rank: number): number {
    const versions = dynamoDb.items.get(executionArn) ?? [];
    const version = versions.find(({ item }) => Number(item?.rank?.N) >= rank);
    return version?.at ?? Number.POSITIVE_INFINITY;
  }

  function changedAt(executionArn: string, rank: number): number {
    const states = stepFunctions.states.get(executionArn) ?? [];
    return (
      states.find(({ execution }) => rankOf(execution) >= rank)?.at ?? Number.POSITIVE_INFINITY
    );
  }

  function isTrue({ execution }: Status): boolean {
    const states = stepFunctions.states.get(execution.executionArn) ?? [];
    return states.some(
      (state) =>
        rankOf(state.execution) === rankOf(execution) &&
        state.execution.status === execution.status &&
        state.execution.output === execution.output &&
        state.execution.error === execution.error,
    );
  }

  /** A status is true, no older than it says, and never an earlier one than was given before. */
  function checkStatus(process: Process, status: Status): void {
    const { execution, ageSeconds } = status;
    const { executionArn } = execution;
    const rank = rankOf(execution);
    const key = `${process.name} ${executionArn}`;
    const text = `${process.name} says ${execution.status} (${rank}) of ${executionArn}`;
    if (!isTrue(status)) fail(`${text}, which it never was`);
    const before = given.get(key) ?? 0;
    if (rank < before) fail(`${text}, after ${before}`);
    given.set(key, Math.max(before, rank));
    if (execution.status === 'SUCCEEDED') return;
    // The next state was known to the table, or to DescribeExecution, long before this was confirmed.
    const known = Math.max(writtenAt(executionArn, rank + 1), changedAt(executionArn, rank + 1));
    const isOver = !isRunning(execution);
    const confirmedAt = clock.now() - (ageSeconds + 1) * 1000 - (isOver ? unsuccessfulFor : 0);
    if (known + toldWithin + lag + descriptionLag < confirmedAt) {
      fail(
        `${text} with Age ${ageSeconds}, but since ${Math.round(known)} ms it was known to be more`,
      );
    }
  }

  /** Errors that the contract allows: it is not there, or nothing could be known of it. */
  function checkError(process: Process, executionArn: string, error: unknown): void {
    if (process.crashed.aborted) return;
    const now = clock.now();
    // What is not found is not asked for again for a second.
    const exists = changedAt(executionArn, 0) < now - descriptionLag - 1200;
    const isOut = stepFunctionsOutages.touches(now - outageShows, now);
    if (error instanceof BudgetExhausted) {
      const isOverloaded = !weather.hasTable || tableOutages.touches(now - 30_000, now);
      if (isOverloaded || !exists || weather.hasStrangers || isOut) return;
    }
    if (error instanceof StepFunctionsError) {
      if (error.failure === 'not-found' && !exists) return;
      if (error.failure === 'unavailable' && isOut) return;
    }
    fail(`${process.name} fails for ${executionArn}: ${error}`);
  }

  /** Everybody who waits is told of an end soon after the table has it. */
  function checkWaiters(): void {
    const now = clock.now();
    for (const waiter of waiters) {
      const { process, executionArn, since, isOver } = waiter;
      if (isOver || process.crashed.aborted) {
        waiters.delete(waiter);
        continue;
      }
      const last = stepFunctions.states.get(executionArn)?.at(-1);
      if (!last || isRunning(last.execution)) continue;
      const written = weather.hasTable ? writtenAt(executionArn, rankOf(last.execution)) : last.at;
      const known = Math.max(written, since);
      const throttled = weather.hasOthers ? throttledFor : 0;
      const within = weather.hasTable ? toldWithin + lag : describedWithin + throttled;
      const outages = weather.hasTable ? tableOutages : stepFunctionsOutages;
      const isShared = !weather.hasTable && weather.hasStrangers;
      if (known + within < now && !isShared && !outages.touches(known - 2000, now)) {
        fail(
          `${process.name} holds a caller since ${Math.round(since)} ms for ${executionArn}, which ended`,
        );
        waiters.delete(waiter);
      }
    }
  }

  /** Every lost event is made up for. */
  function checkTable(): void {
    if (!weather.hasTable) return;
    const now = clock.now();
    for (const [executionArn, states] of stepFunctions.states) {
      const last = states.at(-1);
      if (!last) continue;
      const outage = [...tableOutages.spans, ...stepFunctionsOutages.spans].map(({ to }) => to);
      const due = Math.max(last.at, ...outage.filter((to) => to + 5000 > last.at)) + madeUpWithin;
      if (due < now && writtenAt(executionArn, rankOf(last.execution)) > due) {
        fail(`the table does not know of the last state of ${executionArn}`);
      }
    }
  }

  /** A call is made only for somebody who is there. */
  function checkDescribe(process: Process, executionArn: string): void {
    const count = requests.get(`${process.name} ${executionArn}`) ?? 0;
    if (count === 0) fail(`${process.name} describes ${executionArn}, which nobody asks for`);
    if (process.crashed.aborted) fail(`${process.name} describes after its crash`);
  }

  function checkProcess(process: Process): void {
    const { name, statuses, beyondBudget } = process;
    if (beyondBudget() > 0) fail(`${name} describes more than it may`);
    const asked = requests.entries().filter(([key]) => key.startsWith(`${name} `));
    const most = asked.reduce((sum, [, count]) => sum + count, 0);
    const { held } = statuses.statistics();
    if (held > most) fail(`${name} holds ${held} callers, though ${most} ask`);
  }

  /** A request begins. Returns what to call when it is over. */
  function begin(process: Process, executionArn: string): () => void {
    const key = `${process.name} ${executionArn}`;
    requests.set(key, (requests.get(key) ?? 0) + 1);
    return () => {
      const left = (requests.get(key) ?? 1) - 1;
      if (left > 0) requests.set(key, left);
      else requests.delete(key);
    };
  }

  return {
    waiters,
    begin,
    checkDescribe,
    checkStatus,
    checkError,
    fail,
    /** Called every so often. */
    check(): void {
      checkWaiters();
      for (const process of world.processes) checkProcess(process);
      if (stepFunctions.counts.throttled > 0 && !weather.hasOthers) {
        fail('DescribeExecution is throttled, though nobody else uses the quota');
        stepFunctions.counts.throttled = 0;
      }
    },
    checkTable,
  };
}
