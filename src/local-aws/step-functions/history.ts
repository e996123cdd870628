import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** What an event weighs in memory beside its texts: measured at 300 to 500 bytes. */
const eventOverhead = 500;

/** An event's size in memory, about: two bytes a character at most. */
export function eventBytes(event: HistoryEvent): number {
  let characters = 0;
  for (const details of Object.values(event)) {
    for (const value of Object.values(details ?? {})) {
      if (typeof value === 'string') characters += value.length;
    }
  }
  return eventOverhead + 2 * characters;
}

/** The event without what states and tasks were given and gave. */
export function withoutData(event: HistoryEvent): HistoryEvent {
  const bare = Object.entries(event).map(([member, details]) => [
    member,
    isDetails(details) ? withoutDataMembers(details) : details,
  ]);
  return { ...event, ...Object.fromEntries(bare) };
}

function isDetails(value: unknown): value is object {
  return typeof value === 'object' && !(value instanceof Date);
}

function withoutDataMembers(details: object): object {
  const members = Object.entries(details).filter(([member]) => !dataMembers.has(member));
  // Required of the event, so that it cannot be left out.
  return { ...Object.fromEntries(members), ...('parameters' in details && { parameters: '' }) };
}

const dataMembers = new Set([
  'input',
  'inputDetails',
  'output',
  'outputDetails',
  'parameters',
  'assignedVariables',
  'assignedVariablesDetails',
]);
