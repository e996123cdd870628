import { z } from 'zod';
import type { ReceivedCall } from '../sync-executions.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** An outcome is kept this long, less what clocks differ by. */
const keptFor = 24 * 60 * 60 * 1000 - 10_000;

const inputSchema = z.object({ key: z.string() });

/** Whether the execution has been started, or may have been. */
export function mayHaveRun({ fault }: ReceivedCall): boolean {
  return fault !== 'refused';
}

/** However a keyed request is repeated, Step Functions receives no second call that it carries out. */
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
      fail(`StartSyncExecution for ${key} at ${Math.round(call.at)} ms, after that at ${at} ms`);
    }
  }

  return {
    check(): void {
      for (const call of received.slice(checked)) checkCall(call);
      checked = received.length;
    },
  };
}
