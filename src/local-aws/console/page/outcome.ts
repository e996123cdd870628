import { type ComponentChild, h } from 'preact';
import type { Step } from '../../../step-functions/step.ts';
import { duration } from './format.ts';
import { type Run, stepAfter, stepBefore } from './run.ts';
import { useNow } from './use-now.ts';

/** One line with the result of an execution and its state, or nothing if every state succeeded. */
export function Outcome({ run }: { run: Run }) {
  const { detail, history } = run;
  switch (detail.status) {
    case 'RUNNING':
      return h(Progress, { run });
    case 'SUCCEEDED':
      return history.steps.some(({ status }) => status === 'CAUGHT') ? h(Caught, { run }) : null;
    case 'ABORTED':
      return h(
        'p',
        { class: 'banner wait' },
        h('b', null, detail.error ?? 'Stopped'),
        inState(history.steps.findLast(({ status }) => status === 'ABORTED')),
        sentence(detail.cause),
      );
    case 'FAILED':
    case 'TIMED_OUT':
      return h(
        'p',
        { class: 'banner bad' },
        h('b', null, detail.error ?? 'Timed out'),
        failedIn(run),
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
function failedIn(run: Run): ComponentChild {
  const { detail, history } = run;
  const last =
    history.steps.findLast(({ status }) => status === 'FAILED') ??
    history.steps.findLast(({ status }) => status === 'ABORTED');
  const before = last?.type === 'Fail' ? stepBefore(run, last) : undefined;
  if (last === undefined || before?.status !== 'CAUGHT') return inState(last);
  if (before.error === detail.error) return [inState(before), `, caught by ${nameOf(last)}`];
  return [inState(last), `, after ${before.error}`, inState(before)];
}

/** The line for an execution that caught an error and succeeded. */
function Caught({ run }: { run: Run }) {
  const step = run.history.steps.findLast(({ status }) => status === 'CAUGHT');
  if (step === undefined) return null;
  const next = stepAfter(run, step);
  return h(
    'p',
    { class: 'banner wait' },
    h('b', null, step.error),
    inState(step),
    next && `, caught by ${nameOf(next)}`,
    '. The execution succeeded.',
  );
}

function Progress({ run }: { run: Run }) {
  const now = useNow(true);
  const step = run.history.steps.findLast(({ exitedDate }) => exitedDate === undefined);
  if (step === undefined) return null;
  const { attempts, error, status, enteredDate } = step;
  return h(
    'p',
    { class: 'banner run' },
    status === 'RETRYING' ? [h('b', null, error), ' in '] : 'In ',
    h('b', { class: 'state' }, nameOf(step)),
    ` for ${duration(Math.max(0, now - enteredDate.getTime()))}`,
    attempts > 1 && `, attempt ${attempts}`,
    status === 'RETRYING' && ', waiting for the next attempt',
  );
}
