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
  /** The transitions that were taken, as `from\nto`. */
  readonly taken: ReadonlySet<string>;
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

/** Returns the facts of each state. For a Map around the chosen step, only that step's iteration counts. */
export function graphStates(all: readonly Step[], chosen: Step | undefined): GraphStates {
  const iterations = iterationsAround(chosen);
  const steps = all.filter((step) => isShown(step, iterations));
  const states = new Map<string, StateFacts>();
  const last = steps.findLast(({ within }) => within === undefined);
  for (const step of steps) {
    const before = states.get(step.name);
    const status = precedence.find((each) => each === step.status || each === before?.status);
    states.set(step.name, {
      status: status ?? step.status,
      visits: (before?.visits ?? 0) + 1,
      retries: (before?.retries ?? 0) + step.attempts - 1,
      milliseconds: step.exited && step.exited - step.entered,
      isLast: (step === last || step.within !== undefined) && step.exited !== undefined,
      iteration: iterations.get(step),
    });
  }
  const taken = steps.flatMap(({ before, name }) => (before ? `${before.name}\n${name}` : []));
  return { states, taken: new Set(taken) };
}

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
