import { hash } from 'node:crypto';
import { type Clock, sleep } from '../clock.ts';
import type { ClaimedKey, Claims } from '../status-table/claims.ts';
import { StepFunctionsError, type StepFunctionsFailure } from './errors.ts';
import { NameTaken } from './standard-executions.ts';
import type { SyncExecution, SyncExecutions } from './sync-executions.ts';

/** Another request runs the workflow for the key now. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

export interface KeyedSyncExecution {
  readonly execution: SyncExecution;
  /** Whether an earlier request ran it. */
  readonly isReplay: boolean;
}

/** A sync execution under an idempotency key, which belongs to its caller. */
export interface KeyedRequest {
  readonly idempotencyKey: string;
  /** `undefined` where nobody is authenticated. */
  readonly caller: string | undefined;
  /** Canonical: the key stands for this request alone. */
  readonly input: string;
  readonly traceHeader?: string | undefined;
}

export interface KeyedSyncExecutions {
  /**
   * Runs an Express execution at most once for its key, and gives its outcome again to whoever
   * repeats the request. It runs to its end or deadline whether or not the caller still waits.
   *
   * @throws {KeyInUse}
   * @throws {NameTaken} the key stands for another request
   * @throws {StatusTableError} the key could not be claimed; nothing was started
   * @throws {StepFunctionsError} as `SyncExecutions.run`; after `outcome-unknown` and
   *   `deadline-exceeded` the key stays unknown, after others it is free again
   */
  run(request: KeyedRequest): Promise<KeyedSyncExecution>;
  /** Resolves once no execution is under way, nor an outcome on its way to the table. */
  idle(): Promise<void>;
}

/** After these pauses, an outcome that could not be stored is tried again. */
const pausesMilliseconds = [200, 1000, 5000];

/** @param onFailure called with what keeps an outcome from being stored */
export function createKeyedSyncExecutions(options: {
  claims: Claims;
  sync: Pick<SyncExecutions, 'run'>;
  clock: Clock;
  onFailure(error: unknown): void;
}): KeyedSyncExecutions {
  const { claims, sync, clock, onFailure } = options;
  const underWay = new Set<Promise<unknown>>();

  function track<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return promise;
  }

  /** Tries once before the caller gets the response, and goes on trying after that. */
  async function store(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      onFailure(error);
      void track(storeLater(write));
    }
  }

  async function storeLater(write: () => Promise<void>): Promise<void> {
    for (const milliseconds of pausesMilliseconds) {
      await sleep(clock, milliseconds);
      const isStored = await write().then(
        () => true,
        () => false,
      );
      if (isStored) return;
    }
  }

  async function runClaimed(key: ClaimedKey, claimId: string, request: KeyedRequest) {
    const { signal } = new AbortController();
    let execution: SyncExecution;
    try {
      execution = await sync.run(request.input, signal, request.traceHeader);
    } catch (error) {
      const failure = error instanceof StepFunctionsError ? error.failure : 'unforeseen';
      const write = wasNotStarted(failure)
        ? () => claims.release(key, claimId)
        : () => claims.settle(key, claimId, 'unknown');
      await store(write);
      throw error;
    }
    await store(() => claims.settle(key, claimId, execution));
    return { execution, isReplay: false };
  }

  return {
    async run(request) {
      const key = keyOf(request);
      const claim = await claims.claim(key);
      switch (claim.state) {
        case 'claimed':
          return track(runClaimed(key, claim.claimId, request));
        case 'settled':
          return { execution: claim.outcome, isReplay: true };
        case 'in-use':
          throw new KeyInUse();
        case 'other-input':
          throw new NameTaken();
        case 'unknown':
          throw new StepFunctionsError('outcome-unknown');
        default:
          return claim satisfies never;
      }
    },
    async idle() {
      // A set grows while it is gone through.
      for (const promise of underWay) await promise;
    },
  };
}

function keyOf({ idempotencyKey, caller, input }: KeyedRequest): ClaimedKey {
  return {
    keyHash: hash('sha256', JSON.stringify([idempotencyKey, caller]), 'base64url'),
    inputHash: hash('sha256', input, 'base64url'),
  };
}

/** Whether a failed call proves that the workflow has not been started, so that it may be. */
function wasNotStarted(failure: StepFunctionsFailure): boolean {
  switch (failure) {
    case 'throttled':
    case 'unavailable':
    case 'misconfigured':
    case 'capacity-exhausted':
    case 'not-found':
    case 'already-exists':
      return true;
    case 'outcome-unknown':
    case 'deadline-exceeded':
    case 'aborted':
    case 'unforeseen':
      return false;
    default:
      return failure satisfies never;
  }
}
