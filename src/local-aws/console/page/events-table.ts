import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView } from '../view.ts';
import { exactTimeOfDay } from './format.ts';
import type { Run } from './run.ts';

const rowsAtOnce = 50;

/** The history as GetExecutionHistory names it, newest first. */
export function EventsTable({ run }: { run: Run }) {
  const { events, history } = run;
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const wanted = text.trim().toLowerCase();
  const stateOf = ({ id }: EventView) => history.stepOf(id)?.name ?? '';
  const found =
    wanted === ''
      ? events
      : events.filter((event) =>
          `${event.type} ${stateOf(event)} ${errorOf(event)}`.toLowerCase().includes(wanted),
        );
  const pages = Math.max(1, Math.ceil(found.length / rowsAtOnce));
  const current = Math.min(page, pages - 1);
  const end = found.length - current * rowsAtOnce;
  const shown = found.slice(Math.max(0, end - rowsAtOnce), end).reverse();
  return h(
    'section',
    { 'aria-label': 'Events' },
    h(
      'h2',
      null,
      'Events',
      h('small', null, `${events.length}, as GetExecutionHistory names them`),
    ),
    h(
      'div',
      { class: 'filter' },
      h('input', {
        type: 'search',
        placeholder: 'Event, state or error',
        'aria-label': 'Search by event, state or error',
        value: text,
        onInput: (event) => {
          setText(event.currentTarget.value);
          setPage(0);
        },
      }),
      pages > 1 && [
        h(
          'button',
          { type: 'button', disabled: current === 0, onClick: () => setPage(current - 1) },
          'Newer',
        ),
        h('span', null, `page ${current + 1} of ${pages}`),
        h(
          'button',
          { type: 'button', disabled: current === pages - 1, onClick: () => setPage(current + 1) },
          'Older',
        ),
      ],
    ),
    h(
      'table',
      { class: 'events' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['#', 'Event', 'State', 'At'].map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        null,
        shown.map((event) =>
          h(
            'tr',
            { key: event.id },
            h('td', { class: 'number' }, event.id),
            h(
              'td',
              null,
              h(
                'span',
                { class: /Failed$|TimedOut$|Aborted$/.test(event.type) ? 'chip bad' : undefined },
                event.type,
              ),
              errorOf(event) && h('code', { class: 'sub' }, errorOf(event)),
            ),
            h('td', null, stateOf(event)),
            h('td', null, exactTimeOfDay(new Date(event.timestamp))),
          ),
        ),
      ),
    ),
  );
}

/** Every kind of failure has details of its own, which share `error`. */
export function errorOf(event: EventView): string {
  for (const details of Object.values(event)) {
    const { error } = Object(details);
    if (typeof error === 'string') return error;
  }
  return '';
}
