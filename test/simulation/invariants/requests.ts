import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** Processes call AWS, and hold callers, only for requests that exist. */
export function watchRequests(world: World, { fail }: Facts) {
  /** The requests without a response yet, by process and ARN. */
  const requests = new Map<Process, Map<string, number>>();
  const idle = new Map<Process, () => void>();

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
    },

    check(): void {
      for (const process of world.processes) {
        const { name, executions, beyondBudget } = process;
        if (beyondBudget() > 0) fail(`${name} exceeds its describe budget`);
        const { held } = executions.statuses.statistics();
        const most = countOf(process);
        if (held > most) fail(`${name} holds ${held} callers, but has ${most} requests`);
      }
      const { counts } = world.stepFunctions;
      if (counts.throttled > 0 && !world.weather.isQuotaShared) {
        fail('DescribeExecution is throttled, although no other program uses the quota');
        counts.throttled = 0;
      }
    },
  };
}
