import { h, type TargetedMouseEvent } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { EventView } from '../view.ts';
import { executionPath } from './api.ts';
import { Chip } from './chip.ts';
import type { ExecutionData, Step } from './execution-data.ts';
import { duration, plural } from './format.ts';
import { MoreButton } from './more-button.ts';
import { useJson } from './use-json.ts';

const rowsAtOnce = 50;

interface IterationsProps {
  readonly execution: ExecutionData;
  /** The visit of a Map state. */
  readonly step: Step;
  readonly select: (step: Step) => void;
}

interface Iteration {
  readonly index: number;
  readonly began: number;
  ended: number | undefined;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
}

/** A list of the iterations of a Map. When one is chosen, the graph shows that one only. */
export function Iterations({ execution, step, select }: IterationsProps) {
  const [rows, setRows] = useState(rowsAtOnce);
  const [onlyFailed, setOnlyFailed] = useState(false);
  const all = useIterations(execution.detail.arn, step);
  const shown = onlyFailed ? all.filter(({ status }) => status === 'FAILED') : all;
  const failed = all.filter(({ status }) => status === 'FAILED').length;
  const open = (index: number) => (event: TargetedMouseEvent<HTMLButtonElement>) => {
    const first = execution.steps.find(
      ({ within, iteration }) => within === step && iteration === index,
    );
    if (first === undefined) return;
    // The list disappears. The first tab stays.
    event.currentTarget.closest('section')?.querySelector<HTMLElement>('[role="tab"]')?.focus();
    select(first);
  };
  return h(
    'div',
    null,
    h(
      'div',
      { class: 'filter' },
      h('span', null, `${plural(all.length, 'iteration')}, ${failed} failed`),
      failed > 0 &&
        h(
          'button',
          {
            type: 'button',
            class: 'pill',
            'aria-pressed': onlyFailed,
            onClick: () => setOnlyFailed(!onlyFailed),
          },
          'Failed only',
        ),
    ),
    h(
      'ol',
      { class: 'iterations' },
      shown
        .slice(0, rows)
        .map(({ index, status, began, ended }) =>
          h(
            'li',
            { key: index },
            h(
              'button',
              { type: 'button', onClick: open(index) },
              h('span', null, `#${index}`),
              h(Chip, { status }),
              h('span', { class: 'took' }, ended === undefined ? '' : duration(ended - began)),
            ),
          ),
        ),
    ),
    h(MoreButton, { rows, total: shown.length, step: rowsAtOnce, show: setRows }),
  );
}

function useIterations(arn: string, { id, lastEventId }: Step): readonly Iteration[] {
  const path = `${executionPath(arn)}/steps/${id}/iterations`;
  const { read } = useJson<EventView[]>(path, lastEventId);
  return useMemo(() => (read?.path === path ? iterationsIn(read.value) : []), [read, path]);
}

/** Returns the iterations in the order of their index, each with its last attempt. */
function iterationsIn(events: readonly EventView[]): readonly Iteration[] {
  const iterations: Iteration[] = [];
  for (const event of events) {
    const [, what] = /^MapIteration(Started|Succeeded|Failed|Aborted)$/.exec(event.type) ?? [];
    if (what === undefined) continue;
    const { index } = Object(event[`mapIteration${what}EventDetails`]);
    const at = Date.parse(event.timestamp);
    const iteration = iterations[index];
    if (what === 'Started') {
      iterations[index] = { index, began: at, ended: undefined, status: 'RUNNING' };
    } else if (iteration) {
      iteration.ended = at;
      iteration.status =
        what === 'Succeeded' ? 'SUCCEEDED' : what === 'Failed' ? 'FAILED' : 'ABORTED';
    }
  }
  // Removes the gaps of iterations that have not begun.
  return iterations.filter(Boolean);
}
