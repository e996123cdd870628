import { hash, randomUUID } from 'node:crypto';
import { type Clock, sleep } from '../clock.ts';
import type { ClaimedKey, Claims } from '../status-table/claims.ts';
import { StepFunctionsError } from './errors.ts';
import { KeyInUse, KeyReused } from './idempotency-errors.ts';
import { type SyncExecution, SyncExecutionError, type SyncExecutions } from './sync-executions.ts';

export interface IdempotentSyncExecution {
  readonly execution: SyncExecution;
  /** Whether an earlier request ran the workflow. */
  readonly isReplay: boolean;
}

/** A request for a sync execution with an idempotency key. Each caller has its own keys. */
export interface IdempotentRequest {
  readonly idempotencyKey: string;
  /** `undefined` without authentication. */
  readonly caller: string | undefined;
  /** Canonical, since requests with the same key must have equal input. */
  readonly input: string;
  readonly traceHeader?: string | undefined;
}

export interface IdempotentSyncExecutions {
  /**
   * Runs an Express execution at most once for its key, and returns its outcome to every request
   * with the key. The call continues when the caller disconnects.
   *
   * @throws {KeyInUse}
   * @throws {KeyReused}
   * @throws {StatusTableError} the key could not be claimed; nothing was started
   * @throws {SyncExecutionError} as `SyncExecutions.run` does; the key is free again unless the
   *   workflow may have started
   * @throws {StepFunctionsError} `outcome-unknown`: an earlier request may have started the workflow
   */
  run(request: IdempotentRequest): Promise<IdempotentSyncExecution>;
  /** Resolves when no request is in flight and all outcomes are stored. */
  idle(): Promise<void>;
}

/** The delays between attempts to store an outcome. */
const delaysMilliseconds = [200, 1000, 5000];

/** @param onFailure called when the first attempt to store an outcome, or to release a key, fails */
export function createIdempotentSyncExecutions(options: {
  claims: Claims;
  sync: Pick<SyncExecutions, 'run'>;
  clock: Clock;
  onFailure(error: unknown): void;
}): IdempotentSyncExecutions {
  const { claims, sync, clock, onFailure } = options;
  const inFlight = new Set<Promise<unknown>>();

  function track<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.catch(() => undefined).finally(() => inFlight.delete(settled));
    inFlight.add(settled);
    return promise;
  }

  /** Makes one attempt before the caller gets the response, and retries in the background. */
  async function store(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      onFailure(error);
      void track(storeLater(write));
    }
  }

  async function storeLater(write: () => Promise<void>): Promise<void> {
    for (const milliseconds of delaysMilliseconds) {
      await sleep(clock, milliseconds);
      const isStored = await write().then(
        () => true,
        () => false,
      );
      if (isStored) return;
    }
  }

  async function runClaimed(key: ClaimedKey, claimId: string, request: IdempotentRequest) {
    const { signal } = new AbortController();
    let execution: SyncExecution;
    try {
      execution = await sync.run(request.input, signal, request.traceHeader);
    } catch (error) {
      const mayHaveStarted = !(error instanceof SyncExecutionError) || error.mayHaveStarted;
      const write = mayHaveStarted
        ? () => claims.settle(key, claimId, 'unknown')
        : () => claims.release(key, claimId);
      await store(write);
      throw error;
    }
    await store(() => claims.settle(key, claimId, execution));
    return { execution, isReplay: false };
  }

  async function run(request: IdempotentRequest): Promise<IdempotentSyncExecution> {
    const key = keyOf(request);
    const claimId = randomUUID();
    const claim = await claims.claim(key, claimId).catch(async (error: unknown) => {
      // The claim may have been written, and would block a retry of the request.
      await store(() => claims.release(key, claimId));
      throw error;
    });
    switch (claim.state) {
      case 'claimed':
        return runClaimed(key, claimId, request);
      case 'settled':
        return { execution: claim.outcome, isReplay: true };
      case 'in-use':
        throw new KeyInUse();
      case 'other-input':
        throw new KeyReused();
      case 'unknown':
        throw new StepFunctionsError('outcome-unknown');
      default:
        return claim satisfies never;
    }
  }

  return {
    run: (request) => track(run(request)),
    async idle() {
      // The iteration includes promises that are added while it runs.
      for (const promise of inFlight) await promise;
    },
  };
}

function keyOf({ idempotencyKey, caller, input }: IdempotentRequest): ClaimedKey {
  return {
    keyHash: hash('sha256', JSON.stringify([idempotencyKey, caller]), 'base64url'),
    inputHash: hash('sha256', input, 'base64url'),
  };
}
