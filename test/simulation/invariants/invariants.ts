import type { World } from '../world.ts';
import { watchCancels } from './cancels.ts';
import { createFacts } from './facts.ts';
import { watchHeldCallers } from './held-callers.ts';
import { watchKeys } from './idempotency-keys.ts';
import { watchReceivedCalls } from './received-calls.ts';
import { watchRequests } from './requests.ts';
import { watchStarts } from './starts.ts';
import { watchStatuses } from './statuses.ts';
import { watchStreams } from './streams.ts';
import { checkTable } from './table.ts';

export type Invariants = ReturnType<typeof watchInvariants>;

/** The invariants, which must hold whatever fails. */
export function watchInvariants(world: World) {
  const facts = createFacts(world);
  const requests = watchRequests(world, facts);
  const heldCallers = watchHeldCallers(world, facts);
  const streams = watchStreams(world, facts);
  const receivedCalls = watchReceivedCalls(world, facts);
  return {
    fail: facts.fail,
    requests,
    heldCallers,
    streams,
    starts: watchStarts(world, facts),
    statuses: watchStatuses(world, facts),
    cancels: watchCancels(world, facts),
    keys: watchKeys(world, facts),
    /** Called periodically. */
    check(): void {
      for (const each of [requests, heldCallers, streams, receivedCalls]) each.check();
    },
    /** Called at the end. */
    checkTable: () => checkTable(world, facts),
  };
}
