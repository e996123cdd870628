import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { EventPage, EventRow, EventView, ExecutionSummary } from '../view.ts';
import { executionPath } from './api.ts';
import { breakable } from './breakable.ts';
import { Button } from './button.ts';
import { isFailure } from './event-errors.ts';
import { ExpandableRow } from './expandable-row.ts';
import { counted, exactTimeOfDay, plural } from './format.ts';
import { JsonView } from './json-view.ts';
import { Panel } from './panel.ts';
import { TableHead } from './table-head.ts';
import { useJson } from './use-json.ts';

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
  const { read, failure } = useJson<EventPage>(`${executionPath(arn)}/events?${query}`, summary);
  const { events, pages = 1, rows } = read?.value ?? {};
  return h(
    Panel,
    {
      label: 'Events',
      aside: events !== undefined && `${plural(events, 'event')}, named as in GetExecutionHistory`,
    },
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
      // The page that was asked for, so that a second click does not wait for the first.
      pages > 1 && h(Pages, { current: Math.min(page, pages - 1), pages, setPage }),
    ),
    failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
    rows?.length === 0
      ? h('p', { class: 'empty' }, 'No event matches. Change the search.')
      : h(Rows, { arn, rows: rows ?? [] }),
  );
}

function Rows({ arn, rows }: { arn: string; rows: readonly EventRow[] }) {
  return h(
    'table',
    { class: 'events' },
    h(TableHead, { columns: ['#', 'Event', 'State', 'Time'] }),
    h(
      'tbody',
      null,
      rows.map(({ id, type, timestamp, state, error }) =>
        h(ExpandableRow, {
          key: id,
          before: h('td', { class: 'number' }, id),
          label: h('span', { class: chipOf(type) }, h('span', null, breakable(type))),
          sub: error && h('code', { class: 'sub' }, error),
          cells: [breakable(state), exactTimeOfDay(new Date(timestamp))],
          columns: 4,
          content: () => h(EventData, { arn, id }),
        }),
      ),
    ),
  );
}

function chipOf(type: string): string | undefined {
  if (type.endsWith('Aborted')) return 'chip wait';
  return isFailure({ type }) ? 'chip bad' : undefined;
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
    h(Button, { isDisabled: current === 0, onClick: () => setPage(current - 1) }, 'Newer'),
    h('span', { role: 'status' }, `page ${counted(current + 1)} of ${counted(pages)}`),
    h(Button, { isDisabled: current === pages - 1, onClick: () => setPage(current + 1) }, 'Older'),
  );
}

/** An event as GetExecutionHistory returns it. */
function EventData({ arn, id }: { arn: string; id: number }) {
  const { read, failure } = useJson<EventView>(`${executionPath(arn)}/events/${id}`);
  const text = read ? JSON.stringify(read.value) : failure || '…';
  return h(JsonView, { text, label: `Event ${id}` });
}
