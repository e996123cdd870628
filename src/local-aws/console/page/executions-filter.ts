import { h, type TargetedEvent } from 'preact';
import type { ExecutionSummary } from '../view.ts';

/** An empty string matches everything. */
export interface Filter {
  readonly text: string;
  /** The status of an execution. */
  readonly status: string;
  /** The name of a state machine, or `STANDARD` or `EXPRESS`. */
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
  /** All executions, unfiltered. */
  readonly executions: readonly ExecutionSummary[];
}

export function ExecutionsFilter({ filter, setFilter, executions }: ExecutionsFilterProps) {
  // A state machine that the URL names may have no execution yet.
  const named = /^(|STANDARD|EXPRESS)$/.test(filter.machine) ? [] : [filter.machine];
  const machines = new Set([...named, ...executions.map((each) => each.stateMachine)]);
  // Timeouts are rare, so their button appears only when there is one.
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
      h('option', { value: 'STANDARD' }, 'Standard only'),
      h('option', { value: 'EXPRESS' }, 'Express only'),
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
