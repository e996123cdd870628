import type { StepStatus } from '../../../step-functions/step.ts';
import type { Step } from './execution-data.ts';
import { duration, plural, retriesText } from './format.ts';

/** The facts about all visits of one state that the graph shows. */
export interface StateFacts {
  readonly status: StepStatus;
  readonly visits: number;
  readonly retries: number;
  /** The duration of the last visit; undefined until it has ended. */
  readonly milliseconds: number | undefined;
  /** Whether this is the last state of its workflow so far. */
  readonly isLast: boolean;
  /** The one iteration that the graph shows, for a Map around the chosen state. */
  readonly iteration: number | undefined;
}

export interface GraphStates {
  /** By name. */
  readonly states: ReadonlyMap<string, StateFacts>;
  /** The names of the states that follow a state, by the name of that state. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A state with several visits shows the first of these statuses. */
const precedence: readonly StepStatus[] = [
  'FAILED',
  'RETRYING',
  'RUNNING',
  'ABORTED',
  'CAUGHT',
  'SUCCEEDED',
];

const firstOf = (a: StepStatus, b: StepStatus) =>
  precedence.indexOf(a) < precedence.indexOf(b) ? a : b;

/** Returns the facts of each state. For a Map around the chosen step, only that step's iteration counts. */
export function graphStates(steps: readonly Step[], chosen: Step | undefined): GraphStates {
  const iterations = iterationsAround(chosen);
  const states = new Map<string, Writable<StateFacts>>();
  const taken = new Map<string, Set<string>>();
  const last = steps.findLast(({ within }) => within === undefined);
  for (const step of steps) {
    if (!isShown(step, iterations)) continue;
    const { name, status, attempts, entered, exited, before } = step;
    const facts = states.get(name) ?? { ...unvisited, status };
    if (facts.visits === 0) states.set(name, facts);
    facts.status = firstOf(facts.status, status);
    facts.visits += 1;
    facts.retries += attempts - 1;
    facts.milliseconds = exited && exited - entered;
    facts.isLast = (step === last || step.within !== undefined) && exited !== undefined;
    facts.iteration = iterations.get(step);
    if (before === undefined) continue;
    const followers = taken.get(before.name);
    if (followers) followers.add(name);
    else taken.set(before.name, new Set([name]));
  }
  return { states, taken };
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

const unvisited = {
  visits: 0,
  retries: 0,
  milliseconds: undefined,
  isLast: false,
  iteration: undefined,
};

/** Returns the Maps around a step, each with the iteration that the step is in. */
function iterationsAround(step: Step | undefined): ReadonlyMap<Step, number> {
  const iterations = new Map<Step, number>();
  for (let inner = step; inner?.within; inner = inner.within) {
    if (inner.iteration !== undefined) iterations.set(inner.within, inner.iteration);
  }
  return iterations;
}

function isShown(step: Step, iterations: ReadonlyMap<Step, number>): boolean {
  for (let inner = step; inner.within; inner = inner.within) {
    const iteration = iterations.get(inner.within);
    if (iteration !== undefined && iteration !== inner.iteration) return false;
  }
  return true;
}

/** Returns a text such as `1.29 s · 1 retry`. */
export function factsText({ visits, retries, milliseconds, iteration }: StateFacts): string {
  return [
    visits > 1 ? plural(visits, 'visit') : milliseconds !== undefined && duration(milliseconds),
    retries > 0 && retriesText(retries),
    iteration !== undefined && `showing #${iteration}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
