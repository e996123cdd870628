import { h } from 'preact';
import type { ExecutionStatus, ExecutionSummary } from '../view.ts';
import { ExecutionsFilter } from './executions-filter.ts';
import { ExecutionsTable } from './executions-table.ts';
import { timeOfDay } from './format.ts';
import type { LiveExecutions } from './live.ts';
import { MoreButton } from './more-button.ts';
import { OnboardingForm } from './onboarding-form.ts';
import { executionsHref } from './route.ts';
import type { Service } from './service.ts';

const rowsAtOnce = 100;

interface ExecutionsPageProps {
  /** The filter and the number of rows. The URL keeps them for reloads and for the way back. */
  readonly query: URLSearchParams;
  /** Replaces the URL. */
  readonly replace: (href: string) => void;
  readonly live: LiveExecutions;
  readonly service: Service | undefined;
}

export function ExecutionsPage({ query, replace, live, service }: ExecutionsPageProps) {
  const filter = {
    text: query.get('text') ?? '',
    status: query.get('status') ?? '',
    machine: query.get('machine') ?? '',
  };
  const rows = Math.max(rowsAtOnce, Number(query.get('rows')) || 0);
  const { newestFirst, isLoaded } = live;
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
    h(
      'div',
      { class: 'heading' },
      h('h1', null, 'Executions'),
      // For windows that have no room for the form.
      h('a', { class: 'button primary', href: '#/new' }, 'New onboarding'),
    ),
    h(Counts, { live, service }),
    h(
      'div',
      { class: 'two' },
      h(
        'section',
        { 'aria-label': 'List of executions' },
        h(ExecutionsFilter, {
          filter,
          setFilter: (changed) => replace(executionsHref({ ...changed })),
          executions: newestFirst,
        }),
        shown.length === 0
          ? h('p', { class: 'empty' }, isLoaded ? emptyText(newestFirst.length) : 'Loading…')
          : h(ExecutionsTable, { executions: shown.slice(0, rows) }),
        h(MoreButton, {
          rows,
          total: shown.length,
          step: rowsAtOnce,
          show: (rows) => replace(executionsHref({ ...filter, rows: String(rows) })),
        }),
      ),
      h('div', { class: 'beside' }, service && h(OnboardingForm, { service })),
    ),
  ];
}

interface CountsProps {
  readonly live: LiveExecutions;
  readonly service: Service | undefined;
}

function Counts({ live: { newestFirst, isLoaded }, service }: CountsProps) {
  const count = (...wanted: ExecutionStatus[]) =>
    h(
      'b',
      null,
      isLoaded ? newestFirst.filter(({ status }) => wanted.includes(status)).length : '…',
    );
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
