import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../view.ts';
import { executionPath, getJson } from './api.ts';
import { errorOf, isFailure } from './event-errors.ts';
import type { ExecutionData } from './execution-data.ts';
import { ExpandableRow } from './expandable-row.ts';
import { exactTimeOfDay } from './format.ts';
import { JsonView } from './json-view.ts';

const rowsAtOnce = 25;

/** The history, newest first. A row shows the data of its event when it is expanded. */
export function EventsTable({ execution }: { execution: ExecutionData }) {
  const { detail, events, history } = execution;
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
    h('h2', null, 'Events', h('small', null, `${events.length}, named as in GetExecutionHistory`)),
    h(
      'div',
      { class: 'filter' },
      h('input', {
        type: 'search',
        placeholder: 'Event, state or error',
        'aria-label': 'Search by event, state or error',
        value: text,
        onInput: ({ currentTarget }) => {
          setText(currentTarget.value);
          setPage(0);
        },
      }),
      pages > 1 && h(Pages, { current, pages, setPage }),
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
          ['#', 'Event', 'State', 'Time'].map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        null,
        shown.map((event) =>
          h(ExpandableRow, {
            key: event.id,
            before: h('td', { class: 'number' }, event.id),
            label: h('span', { class: isFailure(event) ? 'chip bad' : undefined }, event.type),
            sub: errorOf(event) && h('code', { class: 'sub' }, errorOf(event)),
            cells: [stateOf(event), exactTimeOfDay(new Date(event.timestamp))],
            columns: 4,
            content: () => h(EventData, { arn: detail.arn, id: event.id }),
          }),
        ),
      ),
    ),
  );
}

interface PagesProps {
  readonly current: number;
  readonly pages: number;
  readonly setPage: (page: number) => void;
}

/** The controls for the pages. The first page has the newest events. */
function Pages({ current, pages, setPage }: PagesProps) {
  return h(
    'div',
    { class: 'buttons' },
    h(
      'button',
      { type: 'button', disabled: current === 0, onClick: () => setPage(current - 1) },
      'Newer',
    ),
    h('span', { role: 'status' }, `page ${current + 1} of ${pages}`),
    h(
      'button',
      { type: 'button', disabled: current === pages - 1, onClick: () => setPage(current + 1) },
      'Older',
    ),
  );
}

/** An event as GetExecutionHistory returns it. */
function EventData({ arn, id }: { arn: string; id: number }) {
  const [text, setText] = useState('…');
  useEffect(() => {
    getJson<EventView[]>(`${executionPath(arn)}/events?ids=${id}`).then(
      ([event]) => setText(JSON.stringify(event)),
      (error) => setText(String(error.message)),
    );
  }, [arn, id]);
  return h(JsonView, { text, label: `Event ${id}` });
}
