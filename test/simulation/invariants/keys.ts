import { isDeepStrictEqual } from 'node:util';
import { StatusTableError } from '../../../src/status-table/errors.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import {
  type KeyedSyncExecution,
  KeyInUse,
} from '../../../src/step-functions/keyed-sync-executions.ts';
import { NameTaken } from '../../../src/step-functions/standard-executions.ts';
import { type Process, syncTimeoutSeconds } from '../process.ts';
import type { World } from '../world.ts';
import { isDocumented } from './documented.ts';
import type { Facts } from './facts.ts';
import { mayHaveRun } from './received-calls.ts';

/** The longest Express execution and time to store its outcome, and what clocks differ by. */
const claimedFor = 335_000;
/** How long an outcome that could not be stored is tried again. */
const storedWithin = 12_000;

/** A request under a key. */
export interface KeyedAttempt {
  readonly process: Process;
  readonly key: string;
  readonly input: string;
  readonly since: number;
  /** When it was over, by its response or by the crash of its process. */
  until: number;
  isCrashed: boolean;
  /** Whether the key may have been its own meanwhile. */
  mayClaim: boolean;
}

/** Whoever gets an outcome for a key gets that of its one execution; errors have their reasons. */
export function watchKeys(world: World, { fail }: Facts) {
  const { clock, weather, stepFunctions } = world;
  let attempts: KeyedAttempt[] = [];
  /** When an outcome was stored for good, and when a key was said to be unknown. */
  const storedAt = new Map<string, number>();
  const unknownAt = new Map<string, number>();
  let expiredAt = 0;

  const nameOf = ({ process, key, since }: KeyedAttempt) =>
    `${process.name}, asked for ${key} at ${Math.round(since)} ms,`;
  const isTroubled = ({ since, until }: KeyedAttempt) =>
    weather.tableOutages.touches(since - 1000, Math.min(until, clock.now()) + storedWithin);
  const callsOf = ({ input, since, until }: KeyedAttempt) =>
    stepFunctions.received.filter(
      (call) => call.input === input && call.at >= since && call.at <= until,
    );
  const isLate = (call: { at: number; endsAt: number }) =>
    call.endsAt - call.at > syncTimeoutSeconds * 1000 - 500;

  function othersBefore(attempt: KeyedAttempt): KeyedAttempt[] {
    return attempts.filter((each) => each.key === attempt.key && each !== attempt && each.mayClaim);
  }

  /** Whether another attempt had the key during this one. */
  function mayBeClaimed(attempt: KeyedAttempt): boolean {
    return othersBefore(attempt).some((each) => {
      const isLeft = each.isCrashed || isTroubled(each);
      return each.until + (isLeft ? claimedFor : 0) >= attempt.since;
    });
  }

  function isAmbiguous(attempt: KeyedAttempt): boolean {
    return callsOf(attempt).some((call) => isLate(call) || (call.fault && mayHaveRun(call)));
  }

  function mayBeUnknown(attempt: KeyedAttempt): boolean {
    return (
      isAmbiguous(attempt) ||
      othersBefore(attempt).some((each) => each.isCrashed || isTroubled(each) || isAmbiguous(each))
    );
  }

  function isStepFunctionsErrorAllowed(attempt: KeyedAttempt, error: StepFunctionsError): boolean {
    switch (error.failure) {
      case 'outcome-unknown':
        return mayBeUnknown(attempt);
      case 'throttled':
        return callsOf(attempt).some(({ fault }) => fault === 'refused');
      case 'unavailable':
        return (
          weather.syncFaults > 0 || weather.stepFunctionsOutages.touches(attempt.since, clock.now())
        );
      case 'capacity-exhausted':
        return weather.syncCapacity < 1000;
      case 'deadline-exceeded':
        return callsOf(attempt).some(isLate);
      default:
        return false;
    }
  }

  function isAllowed(attempt: KeyedAttempt, error: unknown): boolean {
    if (error instanceof StatusTableError) {
      // After an outage, the SDK repeats fewer calls for a while.
      return weather.faults > 0 || weather.tableOutages.touches(0, clock.now());
    }
    if (attempt.since > (storedAt.get(attempt.key) ?? Number.POSITIVE_INFINITY)) {
      return error instanceof NameTaken;
    }
    if (error instanceof KeyInUse) return mayBeClaimed(attempt);
    if (error instanceof NameTaken) {
      return othersBefore(attempt).some(({ input }) => input !== attempt.input);
    }
    return error instanceof StepFunctionsError && isStepFunctionsErrorAllowed(attempt, error);
  }

  return {
    begin(process: Process, key: string, input: string): KeyedAttempt {
      const attempt: KeyedAttempt = {
        process,
        key,
        input,
        since: clock.now(),
        until: Number.POSITIVE_INFINITY,
        isCrashed: false,
        mayClaim: true,
      };
      attempts.push(attempt);
      return attempt;
    },

    crashed(attempt: KeyedAttempt): void {
      attempt.until = clock.now();
      attempt.isCrashed = true;
    },

    checkOutcome(attempt: KeyedAttempt, { execution, isReplay }: KeyedSyncExecution): void {
      attempt.until = clock.now();
      attempt.mayClaim = !isReplay;
      const { key, input, since } = attempt;
      const text = `${nameOf(attempt)} says ${execution.status} of ${execution.executionArn}`;
      const call = stepFunctions.received.find((each) =>
        isDeepStrictEqual(each.execution, execution),
      );
      if (!call) fail(`${text}, which never was`);
      else if (call.input !== input) fail(`${text}, which was another request's`);
      else if (call.at < expiredAt) fail(`${text}, which has expired`);
      else if (!isReplay && call.at < since) fail(`${text} as its own, which was an earlier one's`);
      if (since > (unknownAt.get(key) ?? Number.POSITIVE_INFINITY)) {
        fail(`${text}, which was unknown before`);
      }
      if (isReplay || !isTroubled(attempt)) {
        storedAt.set(key, Math.min(storedAt.get(key) ?? clock.now(), clock.now()));
      }
    },

    checkError(attempt: KeyedAttempt, error: unknown): void {
      attempt.until = clock.now();
      const isRefused = error instanceof KeyInUse || error instanceof NameTaken;
      const text = `${nameOf(attempt)} says ${error}`;
      if (!isDocumented.sync(error)) fail(`${text}, which is not documented`);
      else if (!isAllowed(attempt, error)) fail(`${text} without a reason`);
      attempt.mayClaim = !isRefused;
      if (error instanceof StepFunctionsError && error.failure === 'outcome-unknown') {
        unknownAt.set(attempt.key, clock.now());
      }
    },

    /** No run of this process is under way. */
    checkStopped(process: Process): void {
      const left = attempts.find((each) => each.process === process && each.until > clock.now());
      if (left) fail(`${nameOf(left)} has stopped without an outcome`);
    },

    /** A day has passed. */
    expire(): void {
      attempts = [];
      storedAt.clear();
      unknownAt.clear();
      expiredAt = clock.now();
    },
  };
}
