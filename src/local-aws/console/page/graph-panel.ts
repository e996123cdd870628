import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionData, Step } from './execution-data.ts';
import { graphStates } from './graph-states.ts';
import { GraphView } from './graph-view.ts';

interface GraphPanelProps {
  readonly execution: ExecutionData;
  readonly selected: Step | undefined;
  readonly select: (step: Step) => void;
}

export function GraphPanel({ execution, selected, select }: GraphPanelProps) {
  const [isWhole, setWhole] = useState(true);
  const { steps } = execution;
  const selectByName = (name: string) => {
    const visits = steps.filter((step) => step.name === name);
    const isBeside = ({ within, iteration }: Step) =>
      within === selected?.within && iteration === selected?.iteration;
    const visit = visits.findLast(isBeside) ?? visits.at(-1);
    if (visit) select(visit);
  };
  return h(
    'section',
    { 'aria-label': 'Graph' },
    h(
      'h2',
      null,
      'Graph',
      h(
        'small',
        { class: 'buttons' },
        h(
          'button',
          { type: 'button', 'aria-pressed': isWhole, onClick: () => setWhole(true) },
          'Fit',
        ),
        h(
          'button',
          { type: 'button', 'aria-pressed': !isWhole, onClick: () => setWhole(false) },
          '100 %',
        ),
      ),
    ),
    h(
      'div',
      { class: isWhole ? 'scroll fit' : 'scroll' },
      h(GraphView, {
        detail: execution.detail,
        states: graphStates(steps, selected),
        selected: selected?.name,
        select: selectByName,
      }),
    ),
  );
}
