import { type ComponentChild, h } from 'preact';
import type { EventView } from '../view.ts';
import { Attempts } from './attempts.ts';
import { failureOf, isFailedAttempt } from './event-errors.ts';
import type { ExecutionData, Step } from './execution-data.ts';
import { Iterations } from './iterations.ts';
import { JsonView } from './json-view.ts';
import { LogView } from './log-view.ts';
import type { Tab } from './tabs.ts';

/** Returns the tabs of one visit of a state. `events` are the visit's events with their data. */
export function tabsOf(
  execution: ExecutionData,
  step: Step,
  events: readonly EventView[],
  select: (step: Step) => void,
): readonly Tab[] {
  const entered = details(events, 'stateEnteredEventDetails').at(0);
  const exited = details(events, 'stateExitedEventDetails').at(-1);
  const failures = events.filter(isFailedAttempt).map(failureOf);
  const { error, cause } = failures.at(-1) ?? {};
  const lines = execution.log.filter((line) => line.step === step);
  const tabs: [string, ComponentChild][] = [
    ['Input', json('Input', entered?.input)],
    [
      'Arguments',
      json('Arguments', details(events, 'taskScheduledEventDetails').at(-1)?.parameters),
    ],
    ['Result', json('Result', details(events, 'taskSucceededEventDetails').at(-1)?.output)],
    ['Output', json('Output', exited?.output)],
    ['Variables', json('Variables', variables(exited?.assignedVariables))],
    ['Error', error && json('Error', JSON.stringify({ error, cause: parsed(cause) }))],
    ['Attempts', step.attempts > 1 && h(Attempts, { events })],
    ['Iterations', step.type === 'Map' && h(Iterations, { execution, step, select })],
    ['Log', lines.length > 0 && h(LogView, { lines })],
  ];
  return tabs.flatMap(([title, content]) => (content ? [{ title, content }] : []));
}

function json(label: string, text: unknown): ComponentChild {
  return typeof text === 'string' && h(JsonView, { text, label });
}

function details(events: readonly EventView[], member: string): Record<string, unknown>[] {
  return events.flatMap((event) => (event[member] ? [Object(event[member])] : []));
}

/** Joins the assigned variables, each a JSON text, into one JSON text. */
function variables(assigned: unknown): string | undefined {
  const entries = Object.entries(Object(assigned));
  if (entries.length === 0) return undefined;
  return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
}

/** Parses a Lambda function's cause, which is JSON text. Returns any other text unchanged. */
function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}
