import { z } from 'zod';
import type { ReceivedCall } from '../sync-executions.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** How long an outcome is kept, less the difference of clocks. */
const keptFor = 24 * 60 * 60 * 1000 - 10_000;

const inputSchema = z.object({ key: z.string() });

/** Whether the execution may have started. */
export function mayHaveRun({ fault }: ReceivedCall): boolean {
  return fault !== 'refused';
}

/** However often a request with a key is repeated, Step Functions carries out only one call. */
export function watchReceivedCalls({ stepFunctions: { received } }: World, { fail }: Facts) {
  const byKey = new Map<string, ReceivedCall[]>();
  let checked = 0;

  function checkCall(call: ReceivedCall): void {
    const { key } = inputSchema.parse(JSON.parse(call.input));
    const before = byKey.get(key) ?? [];
    byKey.set(key, [...before, call]);
    const first = before.find((each) => mayHaveRun(each) && call.at - each.at < keptFor);
    if (first) {
      const at = Math.round(first.at);
      fail(`second StartSyncExecution for ${key} at ${Math.round(call.at)} ms, first at ${at} ms`);
    }
  }

  return {
    check(): void {
      for (const call of received.slice(checked)) checkCall(call);
      checked = received.length;
    },
  };
}
