import type { Invariants } from './invariants/invariants.ts';
import type { World } from './world.ts';

/** A seed as it is played. */
export interface Play {
  readonly world: World;
  readonly invariants: Invariants;
  /** How much happened. */
  readonly counts: Record<
    'statuses' | 'errors' | 'streams' | 'cancels' | 'outcomes' | 'stops',
    number
  >;
  /** Executions that will not change any more. */
  readonly settled: Set<string>;
  /** The simulation lasts as long as any task. One that throws goes against the invariants. */
  run(name: string, task: () => Promise<void>): void;
  /** Tasks that are not done. */
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
