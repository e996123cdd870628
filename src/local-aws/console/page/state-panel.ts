import { h } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { EventView } from '../view.ts';
import { executionPath } from './api.ts';
import { Button } from './button.ts';
import { Chip } from './chip.ts';
import { type ExecutionData, type Step, stepAfter } from './execution-data.ts';
import { counted, exactTimeOfDay, retriesText } from './format.ts';
import { Panel } from './panel.ts';
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
  const path = `${executionPath(execution.detail.arn)}/steps/${step.id}/events`;
  const { read, failure } = useJson<EventView[]>(path, step.lastEventId, useLayoutEffect);
  const isRead = read?.path === path;
  const before = useRef<Shown | undefined>(undefined);
  // The step before this one stays until this one is read, so that the page does not jump.
  if (isRead || failure || !before.current) {
    before.current = { step, events: isRead ? read.value : [] };
  }
  const shown = before.current;
  return h(
    Panel,
    {
      label: `State ${shown.step.name}`,
      title: [shown.step.name, h(Chip, { status: shown.step.status })],
      aside: `events ${shown.step.id} to ${shown.step.lastEventId}`,
      isBusy: !isRead,
    },
    h(StateContent, { execution, select, tab, setTab, ...shown }),
    failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
  );
}

interface Shown {
  readonly step: Step;
  /** The events of the step with their data. */
  readonly events: readonly EventView[];
}

function StateContent(props: StatePanelProps & Shown) {
  const { execution, step, events, select, tab, setTab } = props;
  return [
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
  ];
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
    h('span', { role: 'status' }, `visit ${counted(index + 1)} of ${counted(visits.length)}`),
    h(
      Button,
      { isDisabled: index === visits.length - 1, onClick: go(1), label: 'Next visit' },
      '›',
    ),
  );
}
