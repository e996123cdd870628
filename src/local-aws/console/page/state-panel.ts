import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Step } from '../../../step-functions/step.ts';
import type { EventView } from '../view.ts';
import { executionPath, getJson } from './api.ts';
import { Chip } from './chip.ts';
import { type ExecutionData, stepAfter } from './execution-data.ts';
import { exactTimeOfDay, retriesText } from './format.ts';
import { tabsOf } from './state-tabs.ts';
import { Tabs } from './tabs.ts';

interface StatePanelProps {
  readonly execution: ExecutionData;
  readonly step: Step;
  readonly select: (step: Step) => void;
  readonly tab: string | undefined;
  readonly setTab: (title: string) => void;
}

/** One visit of a state: its input, its output and its attempts. */
export function StatePanel({ execution, step, select, tab, setTab }: StatePanelProps) {
  const events = useEventsWithData(execution, step);
  const own = execution.eventsOf.get(step) ?? [];
  return h(
    'section',
    { 'aria-label': `State ${step.name}` },
    h(
      'h2',
      null,
      step.name,
      h(Chip, { status: step.status }),
      h('small', null, `events ${step.id} to ${own.at(-1)?.id ?? step.id}`),
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

/** Reads the data of a step's events. */
function useEventsWithData(execution: ExecutionData, step: Step): readonly EventView[] {
  const { detail, eventsOf } = execution;
  const ids = (eventsOf.get(step) ?? []).filter(isOfStepItself).map(({ id }) => id);
  const [read, setRead] = useState<{ step: Step; events: readonly EventView[] }>();
  const query = ids.join(',');
  useEffect(() => {
    let isWanted = true;
    getJson<EventView[]>(`${executionPath(detail.arn)}/events?ids=${query}`).then(
      (events) => isWanted && setRead({ step, events }),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [detail.arn, step, query]);
  // Until the events of this step are read, `read` has those of the previous one.
  return read?.step === step ? read.events : [];
}

/** Excludes the iteration events of a Map, of which there may be thousands. */
const isOfStepItself = ({ type }: EventView) => !type.startsWith('MapIteration');

function factsOf(
  execution: ExecutionData,
  step: Step,
  events: readonly EventView[],
): [string, string][] {
  const { type, attempts, error, within, iteration, enteredDate } = step;
  const { resourceType, resource } = Object(
    events.find((each) => each.taskScheduledEventDetails)?.taskScheduledEventDetails,
  );
  const next = stepAfter(execution, step);
  const facts: [string, string | false | undefined][] = [
    ['Type', type],
    ['Resource', resource && `${resourceType}:${resource}`],
    ['Entered', exactTimeOfDay(enteredDate)],
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
  const visits = execution.history.steps.filter(({ name }) => name === step.name);
  const index = visits.indexOf(step);
  const go = (by: number) => () => {
    const visit = visits[index + by];
    if (visit) select(visit);
  };
  if (visits.length < 2) return null;
  return h(
    'div',
    { class: 'visits buttons' },
    h(
      'button',
      { type: 'button', disabled: index === 0, onClick: go(-1), 'aria-label': 'Previous visit' },
      '‹',
    ),
    h('span', { role: 'status' }, `visit ${index + 1} of ${visits.length}`),
    h(
      'button',
      {
        type: 'button',
        disabled: index === visits.length - 1,
        onClick: go(1),
        'aria-label': 'Next visit',
      },
      '›',
    ),
  );
}
