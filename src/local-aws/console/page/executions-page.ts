import { h, type TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionSummary } from '../view.ts';
import { Chip, colourOf } from './chip.ts';
import { duration, timeOfDay } from './format.ts';
import type { LiveExecutions } from './live.ts';
import { OnboardingForm } from './onboarding-form.ts';
import type { Service } from './service.ts';
import { useNow } from './use-now.ts';

type Filter = (execution: ExecutionSummary) => boolean;

const filters: readonly (readonly [string, Filter])[] = [
  ['All', () => true],
  ['Running', ({ status }) => status === 'RUNNING'],
  ['Failed', ({ status }) => status !== 'RUNNING' && status !== 'SUCCEEDED'],
  ['Standard', ({ type }) => type === 'STANDARD'],
  ['Express', ({ type }) => type === 'EXPRESS'],
];

const rowsAtOnce = 100;

export function ExecutionsPage({
  live,
  service,
}: {
  live: LiveExecutions;
  service: Service | undefined;
}) {
  const [filter, setFilter] = useState(0);
  const [stateMachine, setStateMachine] = useState('');
  const [text, setText] = useState('');
  const [rows, setRows] = useState(rowsAtOnce);
  const { newestFirst } = live;
  const stateMachines = [...new Set(newestFirst.map((each) => each.stateMachine))].sort();
  const isWanted = filters[filter]?.[1] ?? (() => true);
  const shown = newestFirst.filter(
    (each) =>
      isWanted(each) &&
      (stateMachine === '' || each.stateMachine === stateMachine) &&
      mentions(each, text.trim().toLowerCase()),
  );
  const count = (wanted: Filter) => newestFirst.filter(wanted).length;
  return [
    h('h1', null, 'Executions'),
    h(
      'p',
      { class: 'facts' },
      h(
        'span',
        null,
        h(
          'b',
          null,
          count(({ status }) => status === 'RUNNING'),
        ),
        ' running',
      ),
      h(
        'span',
        null,
        h(
          'b',
          null,
          count(({ status }) => status === 'SUCCEEDED'),
        ),
        ' succeeded',
      ),
      h('span', null, h('b', null, count(isFailure)), ' failed or stopped'),
      h('span', null, 'all forgotten when ', h('code', null, 'npm run dev'), ' ends'),
    ),
    h(
      'div',
      { class: 'two' },
      h(
        'section',
        { 'aria-label': 'List of executions' },
        h(
          'div',
          { class: 'filter' },
          h('input', {
            type: 'search',
            placeholder: 'User id, name or error',
            'aria-label': 'Search by user id, name or error',
            value: text,
            onInput: (event) => setText(event.currentTarget.value),
          }),
          stateMachines.length > 1 &&
            h(
              'select',
              {
                'aria-label': 'State machine',
                value: stateMachine,
                onChange: ({ currentTarget }: TargetedEvent<HTMLSelectElement>) =>
                  setStateMachine(currentTarget.value),
              },
              h('option', { value: '' }, 'All state machines'),
              stateMachines.map((name) => h('option', { value: name }, name)),
            ),
          h(
            'div',
            { class: 'pills', role: 'group', 'aria-label': 'Show' },
            filters.map(([label], index) =>
              h(
                'button',
                {
                  type: 'button',
                  class: 'pill',
                  'aria-pressed': index === filter,
                  onClick: () => setFilter(index),
                },
                label,
              ),
            ),
          ),
        ),
        shown.length === 0
          ? h('p', { class: 'empty' }, whyEmpty(newestFirst.length))
          : h(ExecutionsTable, { executions: shown.slice(0, rows) }),
        shown.length > rows &&
          h(
            'button',
            { type: 'button', class: 'more', onClick: () => setRows(rows + rowsAtOnce) },
            `Show ${Math.min(rowsAtOnce, shown.length - rows)} more of ${shown.length}`,
          ),
      ),
      h('section', { 'aria-label': 'New onboarding' }, h(OnboardingForm, { service })),
    ),
  ];
}

const isFailure: Filter = ({ status }) => status !== 'RUNNING' && status !== 'SUCCEEDED';

function mentions({ userId = '', name, note = '' }: ExecutionSummary, text: string): boolean {
  return [userId, name, note].some((each) => each.toLowerCase().includes(text));
}

function whyEmpty(executions: number): string {
  if (executions > 0) return 'No execution matches. Show all, or search for something else.';
  return 'Nothing has run yet. Onboard a user with the form, or with curl or the AWS CLI.';
}

function ExecutionsTable({ executions }: { executions: readonly ExecutionSummary[] }) {
  const now = useNow(executions.some(({ status }) => status === 'RUNNING'));
  const took = ({ startDate, stopDate }: ExecutionSummary) =>
    (stopDate === undefined ? now : Date.parse(stopDate)) - Date.parse(startDate);
  return h(
    'table',
    { class: 'executions' },
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ['Status', 'User', 'Started by', 'Started', 'Took'].map((name) =>
          h('th', { scope: 'col' }, name),
        ),
      ),
    ),
    h(
      'tbody',
      null,
      executions.map((execution) =>
        h(
          'tr',
          { key: execution.arn },
          h('td', null, h(Chip, { status: execution.status })),
          h(
            'td',
            null,
            h(
              'a',
              { href: `#/executions/${encodeURIComponent(execution.arn)}`, title: execution.name },
              execution.userId ?? execution.name,
            ),
            h('span', { class: 'sub' }, execution.note ?? ' '),
          ),
          h(
            'td',
            null,
            execution.origin,
            h(
              'span',
              { class: 'sub' },
              `${execution.stateMachine}, ${execution.type.toLowerCase()}`,
            ),
          ),
          h(
            'td',
            null,
            h('time', { dateTime: execution.startDate }, timeOfDay(new Date(execution.startDate))),
          ),
          h(
            'td',
            { class: `took ${colourOf(execution.status)}` },
            duration(Math.max(0, took(execution))),
          ),
        ),
      ),
    ),
  );
}
