import { h } from 'preact';
import type { EventView } from '../view.ts';
import { failureOf, isFailedAttempt } from './event-errors.ts';
import { duration, exactTimeOfDay } from './format.ts';
import { TableHead } from './table-head.ts';

interface Attempt {
  readonly began: number;
  readonly ended: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** A table of the attempts of a state: when each began, how long it took, and its error. */
export function Attempts({ events }: { events: readonly EventView[] }) {
  return h(
    'table',
    { class: 'attempts' },
    h(TableHead, { columns: ['#', 'Began', 'Took', 'Error'] }),
    h(
      'tbody',
      null,
      attemptsIn(events).map(({ began, ended, error, cause }, index) =>
        h(
          'tr',
          null,
          h('td', { class: 'number' }, index + 1),
          h('td', null, exactTimeOfDay(new Date(began))),
          h('td', { class: 'number' }, ended === undefined ? '…' : duration(ended - began)),
          h(
            'td',
            null,
            error ?? '',
            cause && h('span', { class: 'sub cell', title: cause }, messageOf(cause)),
          ),
        ),
      ),
    ),
  );
}

/** Returns the message of a Lambda function's cause, which is JSON text, or any other cause as it is. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = Object(JSON.parse(cause));
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

function attemptsIn(events: readonly EventView[]): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const event of events) {
    const at = Date.parse(event.timestamp);
    const last = attempts.at(-1);
    if (/Scheduled$|StateStarted$/.test(event.type)) {
      attempts.push({ began: at, ended: undefined, error: undefined, cause: undefined });
    } else if (last?.ended === undefined && /Succeeded$|Failed$|TimedOut$/.test(event.type)) {
      const { error, cause } = isFailedAttempt(event) ? failureOf(event) : {};
      // A failure before TaskScheduled is an attempt too: its arguments could not be evaluated.
      if (last) attempts.pop();
      attempts.push({ began: last?.began ?? at, ended: at, error, cause });
    }
  }
  return attempts;
}
