import { isOfCrowd } from '../crowd.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** The longest between two queries of the feed while it fails, with a margin, in milliseconds. */
const queriedWithin = 4000;

/** How long the table is read for a new execution before it is described, in milliseconds. */
const awaitedFor = 1000;

/** Processes call AWS, and hold callers, only for requests that exist. */
export function watchRequests(world: World, { fail, changedAt }: Facts) {
  /** The requests without a response yet, by process and ARN. */
  const requests = new Map<Process, Map<string, number>>();
  const idle = new Map<Process, () => void>();
  /** When a process that holds callers began to. */
  const heldSince = new Map<Process, number>();

  function countOf(process: Process): number {
    const counts = requests.get(process)?.values() ?? [];
    return [...counts].reduce((sum, each) => sum + each, 0);
  }

  function add(process: Process, executionArn: string, change: number): void {
    const byArn = requests.get(process) ?? new Map<string, number>();
    requests.set(process, byArn);
    const count = (byArn.get(executionArn) ?? 0) + change;
    if (count > 0) byArn.set(executionArn, count);
    else byArn.delete(executionArn);
    if (byArn.size === 0) idle.get(process)?.();
  }

  /** Callers learn of a change from the feed, not from reads of their executions. */
  function checkFeed(process: Process, held: number): void {
    const now = world.clock.now();
    if (held === 0) heldSince.delete(process);
    else if (!heldSince.has(process)) heldSince.set(process, now);
    const since = Math.max(heldSince.get(process) ?? now, process.queriedAt());
    if (world.weather.hasTable && now - since > queriedWithin) {
      fail(`${process.name} holds ${held} callers, but does not query the feed`);
    }
  }

  return {
    /** Begins a request. Returns a function to call at its end, which may be called twice. */
    begin(process: Process, executionArn: string): () => void {
      add(process, executionArn, 1);
      let isOver = false;
      return () => {
        if (!isOver) add(process, executionArn, -1);
        isOver = true;
      };
    },

    /** Resolves when the process, which accepts no more requests, has none. */
    async untilIdle(process: Process): Promise<void> {
      if (countOf(process) === 0) return;
      await new Promise<void>((resolve) => idle.set(process, resolve));
    },

    checkDescribe(process: Process, executionArn: string): void {
      const count = requests.get(process)?.get(executionArn) ?? 0;
      if (count === 0) fail(`${process.name} describes ${executionArn} without a request for it`);
      // Its event is usually on the way to the table.
      const now = world.clock.now();
      const isNew = changedAt(executionArn, 0) > now - awaitedFor;
      const isOut = world.weather.tableOutages.touches(now - 5000, now);
      if (isOfCrowd(executionArn) && isNew && !isOut) {
        fail(`${process.name} describes ${executionArn}, although the table may soon have it`);
      }
    },

    check(): void {
      for (const process of world.processes) {
        const { name, executions, beyondBudget } = process;
        if (beyondBudget() > 0) fail(`${name} exceeds its describe budget`);
        const { held } = executions.statuses.statistics();
        const most = countOf(process);
        if (held > most) fail(`${name} holds ${held} callers, but has ${most} requests`);
        checkFeed(process, held);
      }
      const { counts } = world.stepFunctions;
      if (counts.throttled > 0 && !world.weather.isQuotaShared) {
        fail('DescribeExecution is throttled, although no other program uses the quota');
        counts.throttled = 0;
      }
    },
  };
}
