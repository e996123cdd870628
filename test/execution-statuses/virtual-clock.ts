import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

/** A clock that jumps from one scheduled task to the next. */
export interface VirtualClock extends Clock {
  /** Lets time pass, and everything happen that happens meanwhile. */
  advance(milliseconds: number): Promise<void>;
  sleep(milliseconds: number): Promise<void>;
  /** The time of day at which `now` is this. */
  dateAt(time: number): Date;
  /** Tasks scheduled and neither run nor cancelled. */
  pending(): number;
}

/** When the clock's time began: any day will do. */
const epochAtStart = Date.UTC(2026, 0, 1);

interface Task {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export function createVirtualClock(): VirtualClock {
  /** A binary heap, earliest first; tasks of one time in the order in which they were scheduled. */
  const heap: Task[] = [];
  let now = 0;
  let order = 0;
  let pending = 0;

  const isBefore = (a: Task, b: Task) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(task: Task): void {
    let index = heap.push(task) - 1;
    while (index > 0) {
      const up = (index - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || isBefore(parent, task)) break;
      heap[index] = parent;
      index = up;
    }
    heap[index] = task;
  }

  function pop(): void {
    const task = heap.pop();
    if (task === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(task, child)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = task;
  }

  function schedule(milliseconds: number, run: () => void): () => void {
    const task: Task = { at: now + milliseconds, order, run };
    order += 1;
    pending += 1;
    push(task);
    return () => {
      if (task.run !== undefined) pending -= 1;
      task.run = undefined;
    };
  }

  return {
    now: () => now,
    epoch: () => epochAtStart + now,
    dateAt: (time) => new Date(epochAtStart + time),
    schedule,
    async advance(milliseconds) {
      const end = now + milliseconds;
      await setImmediate();
      for (let next = heap[0]; next !== undefined && next.at <= end; next = heap[0]) {
        if (next.run === undefined) {
          pop();
          continue;
        }
        now = next.at;
        for (let task = heap[0]; task !== undefined && task.at === now; task = heap[0]) {
          pop();
          const { run } = task;
          if (run === undefined) continue;
          task.run = undefined;
          pending -= 1;
          run();
        }
        // Promises that the tasks settled run on before time does.
        await setImmediate();
      }
      now = end;
    },
    sleep: (milliseconds) => new Promise((resolve) => schedule(milliseconds, resolve)),
    pending: () => pending,
  };
}
