import type { Invariants } from './invariants/invariants.ts';
import type { World } from './world.ts';

/** The simulation of one seed. */
export interface Play {
  readonly world: World;
  readonly invariants: Invariants;
  /** The number of events of each kind. */
  readonly counts: Record<
    'statuses' | 'errors' | 'streams' | 'cancels' | 'outcomes' | 'stops',
    number
  >;
  /** The ARNs of executions that will not change any more. */
  readonly settled: Set<string>;
  /** Runs a task. The simulation lasts until all have finished; an error is a failure. */
  run(name: string, task: () => Promise<void>): void;
  /** The names of the unfinished tasks. */
  busy(): readonly string[];
}

export function createPlay(world: World, invariants: Invariants): Play {
  const busy = new Set<string>();
  let tasks = 0;
  return {
    world,
    invariants,
    counts: { statuses: 0, errors: 0, streams: 0, cancels: 0, outcomes: 0, stops: 0 },
    settled: new Set(),
    run(name, task) {
      tasks += 1;
      const label = `${name} (${tasks})`;
      busy.add(label);
      task()
        .catch((error: unknown) => invariants.fail(`${label} fails: ${error}`))
        .finally(() => busy.delete(label));
    },
    busy: () => [...busy],
  };
}
