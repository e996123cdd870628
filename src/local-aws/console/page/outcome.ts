import { type ComponentChild, h } from 'preact';
import { type ExecutionData, type Step, stepAfter } from './execution-data.ts';
import { duration } from './format.ts';
import { useNow } from './use-now.ts';

/** One line with the result of an execution and its state, or nothing if every state succeeded. */
export function Outcome({ execution }: { execution: ExecutionData }) {
  const { detail, steps } = execution;
  switch (detail.status) {
    case 'RUNNING':
      return h(Progress, { execution });
    case 'SUCCEEDED':
      return steps.some(({ status }) => status === 'CAUGHT') ? h(Caught, { execution }) : null;
    case 'ABORTED':
      return h(
        'p',
        { class: 'banner wait' },
        h('b', null, detail.error ?? 'Stopped'),
        inState(steps.findLast(({ status }) => status === 'ABORTED')),
        sentence(detail.cause),
      );
    case 'FAILED':
    case 'TIMED_OUT':
      return h(
        'p',
        { class: 'banner bad' },
        h('b', null, detail.error ?? 'Timed out'),
        failedIn(execution),
        sentence(detail.cause),
      );
  }
}

function sentence(cause: string | undefined): ComponentChild {
  return cause ? `. ${cause}` : '';
}

const inState = (step: Step | undefined): ComponentChild =>
  step ? [' in ', h('b', { class: 'state' }, nameOf(step))] : '';

const nameOf = ({ name, iteration }: Step) =>
  iteration === undefined ? name : `${name} #${iteration}`;

/**
 * Returns ` in ApplyReferral, caught by RefuseReferral`. A Fail state after a Catch usually passes on
 * an error, so the state where the error comes from is named first.
 */
function failedIn(execution: ExecutionData): ComponentChild {
  const { detail, steps } = execution;
  const last =
    steps.findLast(({ status }) => status === 'FAILED') ??
    steps.findLast(({ status }) => status === 'ABORTED');
  const before = last?.type === 'Fail' ? last.before : undefined;
  if (last === undefined || before?.status !== 'CAUGHT') return inState(last);
  if (before.error === detail.error) return [inState(before), `, caught by ${nameOf(last)}`];
  return [inState(last), `, after ${before.error}`, inState(before)];
}

/** The line for an execution that caught an error and succeeded. */
function Caught({ execution }: { execution: ExecutionData }) {
  const step = execution.steps.findLast(({ status }) => status === 'CAUGHT');
  if (step === undefined) return null;
  const next = stepAfter(execution, step);
  return h(
    'p',
    { class: 'banner wait' },
    h('b', null, step.error),
    inState(step),
    next && `, caught by ${nameOf(next)}`,
    '. The execution succeeded.',
  );
}

function Progress({ execution }: { execution: ExecutionData }) {
  const now = useNow(true);
  const step = execution.steps.findLast(({ exited }) => exited === undefined);
  if (step === undefined) return null;
  const { attempts, error, status, entered } = step;
  return h(
    'p',
    { class: 'banner run' },
    status === 'RETRYING' ? [h('b', null, error), ' in '] : 'In ',
    h('b', { class: 'state' }, nameOf(step)),
    ` for ${duration(Math.max(0, now - entered))}`,
    attempts > 1 && `, attempt ${attempts}`,
    status === 'RETRYING' && ', waiting for the next attempt',
  );
}
