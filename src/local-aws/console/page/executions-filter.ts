import { h, type TargetedEvent } from 'preact';
import type { ExecutionSummary } from '../view.ts';

/** Empty texts want everything. */
export interface Filter {
  readonly text: string;
  /** An execution's status. */
  readonly status: string;
  /** A state machine's name, or `STANDARD` or `EXPRESS`. */
  readonly machine: string;
}

const statuses = [
  ['', 'All'],
  ['RUNNING', 'Running'],
  ['SUCCEEDED', 'Succeeded'],
  ['FAILED', 'Failed'],
  ['TIMED_OUT', 'Timed out'],
  ['ABORTED', 'Aborted'],
] as const;

interface ExecutionsFilterProps {
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  /** All that there are. */
  readonly executions: readonly ExecutionSummary[];
}

export function ExecutionsFilter({ filter, setFilter, executions }: ExecutionsFilterProps) {
  // A machine that the address names may have no execution yet.
  const named = /^(|STANDARD|EXPRESS)$/.test(filter.machine) ? [] : [filter.machine];
  const machines = new Set([...named, ...executions.map((each) => each.stateMachine)]);
  // Hardly anything times out: a way to ask for it is in the way until something did.
  const offered = statuses.filter(
    ([status]) =>
      status !== 'TIMED_OUT' ||
      filter.status === status ||
      executions.some((each) => each.status === status),
  );
  return h(
    'div',
    { class: 'filter' },
    h('input', {
      type: 'search',
      placeholder: 'User id, name, error or origin',
      'aria-label': 'Search by user id, name, error or origin',
      value: filter.text,
      onInput: ({ currentTarget }) => setFilter({ ...filter, text: currentTarget.value }),
    }),
    h(
      'select',
      {
        'aria-label': 'State machine',
        value: filter.machine,
        onChange: ({ currentTarget }: TargetedEvent<HTMLSelectElement>) =>
          setFilter({ ...filter, machine: currentTarget.value }),
      },
      h('option', { value: '' }, 'All state machines'),
      h('option', { value: 'STANDARD' }, 'All Standard ones'),
      h('option', { value: 'EXPRESS' }, 'All Express ones'),
      [...machines].sort().map((name) => h('option', { key: name, value: name }, name)),
    ),
    h(
      'div',
      { class: 'pills', role: 'group', 'aria-label': 'Status' },
      offered.map(([status, label]) =>
        h(
          'button',
          {
            key: status,
            type: 'button',
            class: 'pill',
            'aria-pressed': status === filter.status,
            onClick: () => setFilter({ ...filter, status }),
          },
          label,
        ),
      ),
    ),
  );
}
