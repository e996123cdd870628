import type { Step, StepStatus } from '../../../step-functions/step.ts';
import { duration, plural, retriesText } from './format.ts';
import { type Run, stepBefore } from './run.ts';

/** All visits to one state together, as far as the graph shows them. */
export interface StateFacts {
  readonly status: StepStatus;
  readonly visits: number;
  readonly retries: number;
  /** Of the last visit, once it is over. */
  readonly milliseconds: number | undefined;
  /** Whether its workflow ended with it, as far as is known. */
  readonly isLast: boolean;
  /** Of a Map: the one iteration that the graph shows. */
  readonly iteration: number | undefined;
}

export interface GraphStates {
  /** By their names. */
  readonly states: ReadonlyMap<string, StateFacts>;
  /** Which state followed which, as `from\nto`. */
  readonly taken: ReadonlySet<string>;
}

const worst: readonly StepStatus[] = [
  'FAILED',
  'RETRYING',
  'RUNNING',
  'ABORTED',
  'CAUGHT',
  'SUCCEEDED',
];

/** What became of each state. Of a Map around the chosen step, only that step's iteration counts. */
export function graphStates(run: Run, chosen: Step | undefined): GraphStates {
  const iterations = iterationsAround(chosen);
  const steps = run.history.steps.filter((step) => isShown(step, iterations));
  const states = new Map<string, StateFacts>();
  const last = steps.findLast(({ within }) => within === undefined);
  for (const step of steps) {
    const before = states.get(step.name);
    const status = worst.find((each) => each === step.status || each === before?.status);
    states.set(step.name, {
      status: status ?? step.status,
      visits: (before?.visits ?? 0) + 1,
      retries: (before?.retries ?? 0) + step.attempts - 1,
      milliseconds: step.exitedDate && step.exitedDate.getTime() - step.enteredDate.getTime(),
      isLast: (step === last || step.within !== undefined) && step.exitedDate !== undefined,
      iteration: iterations.get(step),
    });
  }
  const taken = steps.flatMap((step) => {
    const before = stepBefore(run, step);
    return before ? [`${before.name}\n${step.name}`] : [];
  });
  return { states, taken: new Set(taken) };
}

/** The Maps around a step, each with the iteration that the step is in. */
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

/** `1.29 s · 1 retry` */
export function factsText({ visits, retries, milliseconds, iteration }: StateFacts): string {
  return [
    visits > 1 ? plural(visits, 'visit') : milliseconds !== undefined && duration(milliseconds),
    retries > 0 && retriesText(retries),
    iteration !== undefined && `showing #${iteration}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
