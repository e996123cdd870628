import { isDeepStrictEqual } from 'node:util';
import { StatusTableError } from '../../../src/status-table/errors.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import { KeyInUse, KeyReused } from '../../../src/step-functions/idempotency-errors.ts';
import type { IdempotentSyncExecution } from '../../../src/step-functions/sync-idempotency.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import { isDocumented } from './documented.ts';
import type { Facts } from './facts.ts';
import {
  createIdempotentAttempts,
  type IdempotentAttempt,
  isLate,
  storedWithin,
} from './idempotent-attempts.ts';

/** Every outcome for a key is that of its one execution, and every error has a reason. */
export function watchKeys(world: World, { fail }: Facts) {
  const { clock, weather, stepFunctions } = world;
  const attempts = createIdempotentAttempts(world);
  /** Requests that got an outcome, and when it is in the table at the latest. */
  let stored: { attempt: IdempotentAttempt; at: number; isReplay: boolean }[] = [];
  /** When a response first said that the outcome of the key is unknown. */
  const unknownAt = new Map<string, number>();
  let expiredAt = 0;

  const nameOf = ({ process, key, since }: IdempotentAttempt) =>
    `${process.name}, with ${key} at ${Math.round(since)} ms,`;

  /** Whether the outcome was in the table when this request came, as far as the simulation knows. */
  function isStoredBefore({ key, since }: IdempotentAttempt): boolean {
    return stored.some(
      ({ attempt, at, isReplay }) =>
        attempt.key === key && since > at && (isReplay || !attempts.mayLeaveClaim(attempt)),
    );
  }

  function isFailureAllowed(attempt: IdempotentAttempt, { failure }: StepFunctionsError): boolean {
    switch (failure) {
      case 'outcome-unknown':
        return attempts.mayBeUnknown(attempt);
      case 'throttled':
        return attempts.callsOf(attempt).some(({ fault }) => fault === 'refused');
      case 'unavailable':
        return weather.syncFaults > 0 || weather.stepFunctionsOutages.touches(0, clock.now());
      case 'capacity-exhausted':
        return weather.syncCapacity < 1000;
      case 'deadline-exceeded':
        return attempts.callsOf(attempt).some(isLate);
      default:
        return false;
    }
  }

  function isAllowed(attempt: IdempotentAttempt, error: unknown): boolean {
    if (error instanceof StatusTableError) {
      // For a while after an outage, the SDK retries fewer calls.
      return weather.faults > 0 || weather.tableOutages.touches(0, clock.now());
    }
    if (error instanceof KeyReused) {
      return attempts.others(attempt).some(({ input }) => input !== attempt.input);
    }
    if (isStoredBefore(attempt)) return false;
    if (error instanceof KeyInUse) return attempts.mayBeClaimed(attempt);
    return error instanceof StepFunctionsError && isFailureAllowed(attempt, error);
  }

  return {
    begin: attempts.begin,

    checkOutcome(
      attempt: IdempotentAttempt,
      { execution, isReplay }: IdempotentSyncExecution,
    ): void {
      attempt.until = clock.now();
      attempt.mayClaim = !isReplay;
      const text = `${nameOf(attempt)} returns ${execution.status} of ${execution.executionArn}`;
      const call = stepFunctions.received.find((each) =>
        isDeepStrictEqual(each.execution, execution),
      );
      if (!call) fail(`${text}, which never existed`);
      else if (call.input !== attempt.input) fail(`${text}, which belongs to another request`);
      else if (call.at < expiredAt) fail(`${text}, which has expired`);
      else if (!isReplay && call.at < attempt.since) fail(`${text}, not marked as a replay`);
      if (attempt.since > (unknownAt.get(attempt.key) ?? Number.POSITIVE_INFINITY))
        fail(`${text}, which was reported as unknown`);
      const within = isReplay || weather.faults === 0 ? 0 : storedWithin;
      stored.push({ attempt, at: clock.now() + within, isReplay });
    },

    checkError(attempt: IdempotentAttempt, error: unknown): void {
      attempt.until = clock.now();
      const text = `${nameOf(attempt)} fails with ${error}`;
      if (!isDocumented.sync(error)) fail(`${text}, which is not documented`);
      else if (!isAllowed(attempt, error)) fail(`${text} without a reason`);
      attempt.mayClaim = !(error instanceof KeyInUse || error instanceof KeyReused);
      if (error instanceof StepFunctionsError && error.failure === 'outcome-unknown') {
        unknownAt.set(attempt.key, clock.now());
      }
    },

    /** Expects no request of this process to be unfinished. */
    checkStopped(process: Process): void {
      const left = attempts.underWay(process);
      if (left) fail(`${nameOf(left)} has stopped without an outcome`);
    },

    /** Forgets all keys, after a day has passed. */
    expire(): void {
      attempts.forget();
      stored = [];
      unknownAt.clear();
      expiredAt = clock.now();
    },
  };
}
