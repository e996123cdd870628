import { rankOf } from '../../../src/status-table/rank.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** How many milliseconds reconciliation may take to recover a lost event. */
const recoveredWithin = 180_000;
/** The time of a run, in milliseconds, and the fewest executions that it describes. */
const run = { within: 60_000, describes: 100 };

/** The first retry of Lambda, and the time of the calls, in milliseconds. */
const recordedWithin = 70_000;

/** When reconciliation must have recovered the events that were lost until then. */
export function recoveredBy({ weather, executions }: World, lostUntil: number): number {
  const { tableOutages, stepFunctionsOutages, reconcilerOutages } = weather;
  const ends = [tableOutages, stepFunctionsOutages, reconcilerOutages]
    .flatMap(({ spans }) => spans.map(({ to }) => to))
    .filter((to) => to + 5000 > lostUntil);
  const runs = Math.floor(executions.states.size / run.describes);
  return Math.max(lostUntil, ...ends) + recoveredWithin + runs * run.within;
}

/** Reconciliation recovers every lost event, and no other is left to it. */
export function checkTable(world: World, { fail, writtenAt }: Facts): void {
  const { clock, weather, executions } = world;
  if (!weather.hasTable) return;
  const outages = [...weather.tableOutages.spans, ...weather.stepFunctionsOutages.spans];
  for (const [executionArn, states] of executions.states) {
    const last = states.at(-1);
    if (!last) continue;
    const due = recoveredBy(world, last.at);
    if (due < clock.now() && writtenAt(executionArn, rankOf(last.execution)) > due) {
      fail(`the table does not have the last state of ${executionArn}`);
    }
  }
  if (weather.isQuotaShared) return;
  for (const { event, at } of world.deliveries) {
    const { executionArn, status, redriveCount } = event.detail;
    const isOut = outages.some(({ from, to }) => from - 5000 < at + recordedWithin && at < to);
    const writtenBy = writtenAt(executionArn, rankOf({ status, redriveCount: redriveCount ?? 0 }));
    if (!isOut && writtenBy > at + recordedWithin && at + recordedWithin < clock.now()) {
      fail(`the event of ${executionArn}, ${status} at ${Math.round(at)} ms, is not recorded`);
    }
  }
}
