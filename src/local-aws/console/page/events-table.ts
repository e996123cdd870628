import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EventPage, EventView, ExecutionSummary } from '../view.ts';
import { executionPath, getJson } from './api.ts';
import { isFailure } from './event-errors.ts';
import { ExpandableRow } from './expandable-row.ts';
import { exactTimeOfDay } from './format.ts';
import { JsonView } from './json-view.ts';
import { useJson } from './use-json.ts';

const noEvents: EventPage = { events: 0, page: 0, pages: 1, rows: [] };

interface EventsTableProps {
  readonly arn: string;
  /** A new object means that the execution has changed. */
  readonly summary: ExecutionSummary | undefined;
}

/** The history, newest first. A row shows the data of its event when it is expanded. */
export function EventsTable({ arn, summary }: EventsTableProps) {
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const query = new URLSearchParams({ text, page: String(page) });
  // Until a page is read, the one before it stays.
  const read = useJson<EventPage>(`${executionPath(arn)}/events?${query}`, summary);
  const { events, page: current, pages, rows } = read?.value ?? noEvents;
  return h(
    'section',
    { 'aria-label': 'Events' },
    h('h2', null, 'Events', h('small', null, `${events}, named as in GetExecutionHistory`)),
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
        rows.map(({ id, type, timestamp, state, error }) =>
          h(ExpandableRow, {
            key: id,
            before: h('td', { class: 'number' }, id),
            label: h('span', { class: isFailure({ type }) ? 'chip bad' : undefined }, type),
            sub: error && h('code', { class: 'sub' }, error),
            cells: [state, exactTimeOfDay(new Date(timestamp))],
            columns: 4,
            content: () => h(EventData, { arn, id }),
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
    getJson<EventView>(`${executionPath(arn)}/events/${id}`).then(
      (event) => setText(JSON.stringify(event)),
      (error) => setText(String(error.message)),
    );
  }, [arn, id]);
  return h(JsonView, { text, label: `Event ${id}` });
}
