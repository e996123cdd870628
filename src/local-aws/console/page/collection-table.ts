import { type ComponentChild, h } from 'preact';
import { useState } from 'preact/hooks';
import type { Collection } from '../view.ts';
import { Chip, isStatus } from './chip.ts';
import { ExpandableRow } from './expandable-row.ts';
import { exactTimeOfDay } from './format.ts';
import { JsonView } from './json-view.ts';
import type { LiveExecutions } from './live.ts';
import { MoreButton } from './more-button.ts';
import { executionHref, executionsHref } from './route.ts';
import { TableHead } from './table-head.ts';

type Item = Collection['items'][number];

const rowsAtOnce = 50;
const maxColumns = 5;

interface CollectionTableProps {
  readonly items: readonly Item[];
  readonly preferred: readonly string[];
  readonly byArn: LiveExecutions['byArn'];
}

/** A table with the main members of each item. A row shows all members when it is expanded. */
export function CollectionTable({ items, preferred, byArn }: CollectionTableProps) {
  const [rows, setRows] = useState(rowsAtOnce);
  const known = preferred.filter((member) => items.some((item) => item[member] !== undefined));
  // A table that somebody else created has other members.
  const columns = known.length > 1 ? known : Object.keys(items[0] ?? {}).slice(0, maxColumns);
  return [
    h(
      'div',
      { class: 'scroll-x' },
      h(
        'table',
        null,
        h(TableHead, { columns: [...columns, 'Execution'] }),
        h(
          'tbody',
          null,
          items.slice(0, rows).map((item) =>
            h(ExpandableRow, {
              key: keyOf(item),
              label: cellOf(columns[0], item) || '—',
              cells: [
                ...columns.slice(1).map((member) => cellOf(member, item)),
                executionLink(item, byArn),
              ],
              columns: columns.length + 1,
              content: () => h(JsonView, { text: JSON.stringify(item), label: 'Item' }),
            }),
          ),
        ),
      ),
    ),
    h(MoreButton, { rows, total: items.length, step: rowsAtOnce, show: setRows }),
  ];
}

/** Identifies an item, so that an expanded row stays expanded when the table is read again. */
const keyOf = ({ PK, SK, id, messageId, ...rest }: Item) =>
  [PK, SK, id, messageId].some((each) => each !== undefined)
    ? `${PK} ${SK} ${id} ${messageId}`
    : JSON.stringify(rest);

function cellOf(member = '', item: Item): ComponentChild {
  const value = item[member];
  if (value === undefined || value === null) return '';
  if (isStatus(value)) return h(Chip, { status: value });
  const date = dateOf(member, value);
  if (date)
    return h(
      'time',
      { dateTime: date.toISOString(), title: date.toISOString() },
      exactTimeOfDay(date),
    );
  return h('span', { class: 'cell' }, typeof value === 'string' ? value : JSON.stringify(value));
}

/** SQS and the status table use epoch milliseconds, the workflow ISO 8601. */
function dateOf(member: string, value: unknown): Date | undefined {
  if (!/(Date|At|Timestamp)$/.test(member)) return undefined;
  const date = new Date(typeof value === 'number' ? value : String(value));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Links an item of the status table to its execution, and any other to the executions of its user. */
function executionLink(item: Item, byArn: LiveExecutions['byArn']): ComponentChild {
  if (typeof item.id === 'string' && byArn.has(item.id)) {
    return h('a', { href: executionHref(item.id) }, 'open');
  }
  const { userId } = Object(item.userId === undefined ? item.body : item);
  if (typeof userId !== 'string') return undefined;
  const href = executionsHref({ text: userId });
  return h('a', { href, 'aria-label': `find executions of ${userId}` }, 'find');
}
