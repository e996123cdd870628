import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** The memory of an event in addition to its strings, in bytes: an estimate on the safe side. */
const eventOverhead = 500;

/** Returns the approximate size of an event in memory: a character takes at most two bytes. */
export function eventBytes(event: HistoryEvent): number {
  let characters = 0;
  for (const details of Object.values(event)) {
    for (const value of Object.values(details ?? {})) {
      if (typeof value === 'string') characters += value.length;
    }
  }
  return eventOverhead + 2 * characters;
}

/** Returns the event without the inputs and outputs of states and tasks. */
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
  // The event requires `parameters`, so it is empty instead of absent.
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
