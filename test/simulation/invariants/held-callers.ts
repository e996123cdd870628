import { rankOf } from '../../../src/status-table/rank.ts';
import { isRunning } from '../../../src/step-functions/execution.ts';
import type { Process } from '../process.ts';
import { slowDescription } from '../step-functions.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';
import { reportedWithin } from './statuses.ts';

/** Milliseconds until all waited-for executions are described, at a quarter of the account's rate. */
const describedWithin = 40_000;
/** How much longer that takes while another program uses up the quota every 20 s. */
const throttledFor = 20_000;
/** How long after an outage of the table the feed and the items are read again. */
const recoversWithin = 3000;
/** How long it takes until the items are read instead of a feed that fails, in milliseconds. */
const feedLostWithin = 6000;
/** Without the feed, failed reads of the items delay an end, each by 2 s. Four in a row are rare. */
const itemsRetriedFor = 8000;

/** A caller whose response or stream lasts until an execution ends. */
export interface HeldCaller {
  readonly process: Process;
  readonly executionArn: string;
  readonly since: number;
  isOver: boolean;
}

/** Every waiting caller receives the end soon after the table has it. */
export function watchHeldCallers(world: World, { fail, writtenAt }: Facts) {
  const { clock, weather, executions } = world;
  const { tableOutages, stepFunctionsOutages } = weather;
  const lag = weather.indexLag + weather.readLag + 2 * weather.skew;
  const held = new Set<HeldCaller>();

  function isLate({ executionArn, since }: HeldCaller): boolean {
    const now = clock.now();
    const last = executions.states.get(executionArn)?.at(-1);
    if (!last || isRunning(last.execution)) return false;
    const written = weather.hasTable ? writtenAt(executionArn, rankOf(last.execution)) : last.at;
    const received = Math.max(written, since);
    const outages = weather.hasTable ? tableOutages : stepFunctionsOutages;
    const lastsUntil = outages.endOf(received - 2000, now);
    const isOnlyFeedOut = weather.hasTable && weather.failing === 'Query';
    const known = isOnlyFeedOut
      ? received +
        (lastsUntil > 0 ? feedLostWithin + (weather.faults > 0 ? itemsRetriedFor : 0) : 0)
      : Math.max(received, lastsUntil + recoversWithin);
    const throttled = weather.isQuotaShared ? throttledFor : 0;
    const within = weather.hasTable ? reportedWithin + lag : describedWithin + throttled;
    const isShared = !weather.hasTable && weather.hasInventedArns;
    // A description in flight is not aborted.
    const slow = weather.slowDescriptions > 0 ? (weather.hasTable ? 1 : 2) * slowDescription : 0;
    return known + within + slow < now && !isShared;
  }

  return {
    add(process: Process, executionArn: string): HeldCaller {
      const caller: HeldCaller = { process, executionArn, since: clock.now(), isOver: false };
      held.add(caller);
      return caller;
    },

    check(): void {
      for (const caller of held) {
        const { process, executionArn, since, isOver } = caller;
        if (isOver || process.crashed.aborted) held.delete(caller);
        else if (isLate(caller)) {
          fail(
            `${process.name} holds a caller since ${Math.round(since)} ms for ${executionArn}, which ended`,
          );
          held.delete(caller);
        }
      }
    },
  };
}
