import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ExecutionStatus, ExecutionSummary } from '../view.ts';
import { ExecutionsFilter } from './executions-filter.ts';
import { ExecutionsTable } from './executions-table.ts';
import { timeOfDay } from './format.ts';
import type { LiveExecutions } from './live.ts';
import { OnboardingForm } from './onboarding-form.ts';
import { executionsHref } from './route.ts';
import type { Service } from './service.ts';

const rowsAtOnce = 100;

interface ExecutionsPageProps {
  readonly query: URLSearchParams;
  readonly live: LiveExecutions;
  readonly service: Service | undefined;
}

export function ExecutionsPage({ query, live, service }: ExecutionsPageProps) {
  const [filter, setFilter] = useState({
    text: query.get('text') ?? '',
    status: query.get('status') ?? '',
    machine: query.get('machine') ?? '',
  });
  const [rows, setRows] = useState(rowsAtOnce);
  // The URL keeps the filter, so that it is still set when the user comes back from an execution.
  useEffect(() => history.replaceState(null, '', executionsHref(filter)), [filter]);
  const { newestFirst } = live;
  const text = filter.text.trim().toLowerCase();
  const shown = newestFirst.filter(
    (each) =>
      (filter.status === '' || each.status === filter.status) &&
      (filter.machine === '' ||
        each.stateMachine === filter.machine ||
        each.type === filter.machine) &&
      mentions(each, text),
  );
  return [
    h('h1', null, 'Executions'),
    h(Counts, { executions: newestFirst, service }),
    h(
      'div',
      { class: 'two' },
      h(
        'section',
        { 'aria-label': 'List of executions' },
        h(ExecutionsFilter, { filter, setFilter, executions: newestFirst }),
        shown.length === 0
          ? h('p', { class: 'empty' }, emptyText(newestFirst.length))
          : h(ExecutionsTable, { executions: shown.slice(0, rows) }),
        shown.length > rows &&
          h(
            'button',
            { type: 'button', class: 'more', onClick: () => setRows(rows + rowsAtOnce) },
            `Show ${Math.min(rowsAtOnce, shown.length - rows)} more of ${shown.length}`,
          ),
      ),
      h('section', { 'aria-label': 'New onboarding' }, service && h(OnboardingForm, { service })),
    ),
  ];
}

interface CountsProps {
  readonly executions: readonly ExecutionSummary[];
  readonly service: Service | undefined;
}

function Counts({ executions, service }: CountsProps) {
  const count = (...wanted: ExecutionStatus[]) =>
    h('b', null, executions.filter(({ status }) => wanted.includes(status)).length);
  return h(
    'p',
    { class: 'facts' },
    h('span', null, count('RUNNING'), ' running'),
    h('span', null, count('SUCCEEDED'), ' succeeded'),
    h('span', null, count('FAILED', 'TIMED_OUT'), ' failed'),
    h('span', null, count('ABORTED'), ' aborted'),
    service &&
      h(
        'span',
        null,
        `since ${timeOfDay(new Date(service.startDate))}, all lost when `,
        h('code', null, 'npm run dev'),
        ' ends',
      ),
  );
}

function mentions(execution: ExecutionSummary, text: string): boolean {
  const { userId = '', name, note = '', origin } = execution;
  return [userId, name, note, origin].some((each) => each.toLowerCase().includes(text));
}

function emptyText(executions: number): string {
  if (executions > 0) return 'No execution matches. Change the filter or the search.';
  return 'No executions yet. Onboard a user with the form, curl or the AWS CLI.';
}
