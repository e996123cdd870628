import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Step } from '../../../step-functions/steps.ts';
import type { EventView } from '../view.ts';
import { executionPath, getJson } from './api.ts';
import { Chip } from './chip.ts';
import { JsonView } from './json-view.ts';
import type { Run } from './run.ts';
import { Tabs } from './tabs.ts';

/** One visit to a state: what went in, what came out, and each attempt between. */
export function StatePanel({ run, step }: { run: Run; step: Step }) {
  const { detail, eventsOf } = run;
  const ids = (eventsOf.get(step) ?? []).filter(isOfStepItself).map(({ id }) => id);
  const [events, setEvents] = useState<readonly EventView[]>([]);
  const query = ids.join(',');
  useEffect(() => {
    let isWanted = true;
    getJson<EventView[]>(`${executionPath(detail.arn)}/events?ids=${query}`).then(
      (read) => isWanted && setEvents(read),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [detail.arn, query]);
  return h(
    'section',
    { 'aria-label': `State ${step.name}` },
    h(
      'h2',
      null,
      step.name,
      h(Chip, { status: step.status }),
      h('small', null, `event ${step.id}`),
    ),
    h(
      'dl',
      null,
      factsOf(step, events).map(([name, value]) => [h('dt', null, name), h('dd', null, value)]),
    ),
    h(Tabs, {
      key: step.id,
      tabs: tabsOf(events).map(([title, text]) => ({ title, content: h(JsonView, { text }) })),
    }),
  );
}

/** Of the events of a Map, those of its iterations would be thousands. */
const isOfStepItself = ({ type }: EventView) => !type.startsWith('MapIteration');

function factsOf(step: Step, events: readonly EventView[]): [string, string][] {
  const { type, attempts, error, within, iteration } = step;
  const facts: [string, string | undefined][] = [
    ['Type', type],
    ['Resource', resourceOf(events)],
    ['Attempts', attempts > 1 ? String(attempts) : undefined],
    ['Error', error],
    ['Within', within && (iteration === undefined ? within.name : `${within.name} #${iteration}`)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function resourceOf(events: readonly EventView[]): string | undefined {
  const scheduled = details(events, 'taskScheduledEventDetails').at(-1);
  return scheduled && `${scheduled.resourceType}:${scheduled.resource}`;
}

function tabsOf(events: readonly EventView[]): [string, string][] {
  const entered = details(events, 'stateEnteredEventDetails').at(0);
  const exited = details(events, 'stateExitedEventDetails').at(-1);
  const failures = events.flatMap(({ type, ...event }) =>
    /Failed$|TimedOut$/.test(type)
      ? Object.values(event).filter((each) => typeof each === 'object')
      : [],
  );
  const { error, cause } = Object(failures.at(-1));
  const tabs: [string, unknown][] = [
    ['Input', entered?.input],
    ['Arguments', details(events, 'taskScheduledEventDetails').at(-1)?.parameters],
    ['Result', details(events, 'taskSucceededEventDetails').at(-1)?.output],
    ['Output', exited?.output],
    ['Variables', exited?.assignedVariables && variables(exited.assignedVariables)],
    ['Error', error && JSON.stringify({ error, cause: parsed(cause) })],
    ['Attempts', failures.length > 1 ? JSON.stringify(failures) : undefined],
  ];
  return tabs.flatMap(([title, text]) => (typeof text === 'string' ? [[title, text]] : []));
}

function details(events: readonly EventView[], member: string): Record<string, unknown>[] {
  return events.flatMap((event) => (event[member] ? [Object(event[member])] : []));
}

/** Each is a JSON text of its own. */
function variables(assigned: object): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(assigned).map(([name, text]) => [name, parsed(text)])),
  );
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}
