import { h } from 'preact';
import type { ExecutionSummary } from '../view.ts';
import { Chip, colourOf } from './chip.ts';
import { duration, timeOfDay } from './format.ts';
import { executionHref } from './route.ts';
import { TableHead } from './table-head.ts';
import { useNow } from './use-now.ts';

export function ExecutionsTable({ executions }: { executions: readonly ExecutionSummary[] }) {
  const now = useNow(executions.some(({ status }) => status === 'RUNNING'));
  const took = ({ startDate, stopDate }: ExecutionSummary) =>
    Math.max(0, (stopDate === undefined ? now : Date.parse(stopDate)) - Date.parse(startDate));
  const longest = executions.reduce((longest, each) => Math.max(longest, took(each)), 0);
  return h(
    'table',
    { class: 'executions' },
    h(TableHead, { columns: ['Status', 'User', 'Started by', 'Started', 'Took'] }),
    h(
      'tbody',
      null,
      executions.map((execution) =>
        h(Row, { key: execution.arn, execution, took: took(execution), longest }),
      ),
    ),
  );
}

interface RowProps {
  readonly execution: ExecutionSummary;
  /** Milliseconds. */
  readonly took: number;
  readonly longest: number;
}

function Row({ execution, took, longest }: RowProps) {
  const { arn, name, userId, status, note, origin, stateMachine, type, startDate } = execution;
  const machine = `${stateMachine}, ${type.toLowerCase()}`;
  return h(
    'tr',
    null,
    h('td', null, h(Chip, { status })),
    h(
      'td',
      null,
      h('a', { href: executionHref(arn), title: name }, userId ?? name),
      note && h('span', { class: 'sub', title: note }, note),
    ),
    h(
      'td',
      null,
      h('span', { class: 'origin', title: origin }, origin),
      h('span', { class: 'sub', title: machine }, machine),
    ),
    h('td', null, h('time', { dateTime: startDate }, timeOfDay(new Date(startDate)))),
    h(
      'td',
      { class: 'took' },
      h(
        'span',
        { class: 'share', 'aria-hidden': true },
        h('i', { class: colourOf(status), style: { width: `${100 * shareOf(took, longest)}%` } }),
      ),
      h('span', null, duration(took)),
    ),
  );
}

/** Returns a share on a logarithmic scale, so that one long wait does not hide the others. */
function shareOf(took: number, longest: number): number {
  return longest === 0 ? 0 : Math.log1p(took) / Math.log1p(longest);
}
