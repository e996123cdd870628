import { rankOf } from '../../../src/status-table/rank.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** How many milliseconds reconciliation may take to recover a lost event. */
export const recoveredWithin = 180_000;

/** Reconciliation recovers every lost event. */
export function checkTable(world: World, { fail, writtenAt }: Facts): void {
  const { clock, weather, executions } = world;
  if (!weather.hasTable) return;
  const outages = [...weather.tableOutages.spans, ...weather.stepFunctionsOutages.spans];
  for (const [executionArn, states] of executions.states) {
    const last = states.at(-1);
    if (!last) continue;
    const ends = outages.map(({ to }) => to).filter((to) => to + 5000 > last.at);
    const due = Math.max(last.at, ...ends) + recoveredWithin;
    if (due < clock.now() && writtenAt(executionArn, rankOf(last.execution)) > due) {
      fail(`the table does not have the last state of ${executionArn}`);
    }
  }
}
