import { h } from 'preact';
import type { EventView } from '../view.ts';
import { executionPath } from './api.ts';
import { Button } from './button.ts';
import { Chip } from './chip.ts';
import { type ExecutionData, type Step, stepAfter } from './execution-data.ts';
import { exactTimeOfDay, retriesText } from './format.ts';
import { tabsOf } from './state-tabs.ts';
import { Tabs } from './tabs.ts';
import { useJson } from './use-json.ts';

interface StatePanelProps {
  readonly execution: ExecutionData;
  readonly step: Step;
  readonly select: (step: Step) => void;
  readonly tab: string | undefined;
  readonly setTab: (title: string) => void;
}

/** One visit of a state: its input, its output and its attempts. */
export function StatePanel({ execution, step, select, tab, setTab }: StatePanelProps) {
  const events = useEventsWithData(execution.detail.arn, step);
  return h(
    'section',
    { 'aria-label': `State ${step.name}` },
    h(
      'h2',
      null,
      step.name,
      h(Chip, { status: step.status }),
      h('small', null, `events ${step.id} to ${step.lastEventId}`),
    ),
    h(
      'dl',
      null,
      factsOf(execution, step, events).map(([name, value]) => [
        h('dt', null, name),
        h('dd', null, value),
      ]),
    ),
    h(Visits, { execution, step, select }),
    h(Tabs, { tabs: tabsOf(execution, step, events, select), chosen: tab, choose: setTab }),
  );
}

/** Reads the events of a step with their data. */
function useEventsWithData(arn: string, { id, lastEventId }: Step): readonly EventView[] {
  const path = `${executionPath(arn)}/steps/${id}/events`;
  const { read } = useJson<EventView[]>(path, lastEventId);
  return read?.path === path ? read.value : [];
}

function factsOf(
  execution: ExecutionData,
  step: Step,
  events: readonly EventView[],
): [string, string][] {
  const { type, attempts, error, within, iteration, entered } = step;
  const { resourceType, resource } = Object(
    events.find((each) => each.taskScheduledEventDetails)?.taskScheduledEventDetails,
  );
  const next = stepAfter(execution, step);
  const facts: [string, string | false | undefined][] = [
    ['Type', type],
    ['Resource', resource && `${resourceType}:${resource}`],
    ['Entered', exactTimeOfDay(new Date(entered))],
    ['Attempts', attempts > 1 && `${attempts} (${retriesText(attempts - 1)})`],
    ['Error', error],
    ['Next', next && `${next.name}${step.status === 'CAUGHT' ? ', by Catch' : ''}`],
    ['Within', within && (iteration === undefined ? within.name : `${within.name} #${iteration}`)],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** The controls for a state in a loop or a Map, which has many visits. */
function Visits({
  execution,
  step,
  select,
}: Pick<StatePanelProps, 'execution' | 'step' | 'select'>) {
  const visits = execution.steps.filter(({ name }) => name === step.name);
  const index = visits.indexOf(step);
  const go = (by: number) => () => {
    const visit = visits[index + by];
    if (visit) select(visit);
  };
  if (visits.length < 2) return null;
  return h(
    'div',
    { class: 'visits buttons' },
    h(Button, { isDisabled: index === 0, onClick: go(-1), label: 'Previous visit' }, '‹'),
    h('span', { role: 'status' }, `visit ${index + 1} of ${visits.length}`),
    h(
      Button,
      { isDisabled: index === visits.length - 1, onClick: go(1), label: 'Next visit' },
      '›',
    ),
  );
}
