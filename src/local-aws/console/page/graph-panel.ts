import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionData, Step } from './execution-data.ts';
import { graphStates } from './graph-states.ts';
import { GraphView } from './graph-view.ts';
import { Panel } from './panel.ts';

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
    Panel,
    {
      label: 'Graph',
      aside: h(
        'span',
        { class: 'buttons' },
        [true, false].map((whole) =>
          h(
            'button',
            { type: 'button', 'aria-pressed': isWhole === whole, onClick: () => setWhole(whole) },
            whole ? 'Fit' : '100 %',
          ),
        ),
      ),
    },
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
