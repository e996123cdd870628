import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { withoutData } from '../step-functions/history.ts';
import { errorOf, isFailure } from './page/event-errors.ts';
import type { RecordedExecution } from './recorder.ts';
import type { EventPage } from './view.ts';

const rowsAtOnce = 25;

/**
 * Returns a page of the events whose type, state or error contains a text, newest first.
 *
 * @param page from 0; a page after the last returns the last
 */
export function eventPage(
  { events, history }: RecordedExecution,
  text: string,
  page: number,
): EventPage {
  const wanted = text.trim().toLowerCase();
  const textsOf = (event: HistoryEvent) => {
    const { id = 0, type = '' } = event;
    const state = history.stepOf(id)?.name ?? '';
    return { type, state, error: isFailure({ type }) ? errorOf(event) : '' };
  };
  const isFound = (event: HistoryEvent) =>
    Object.values(textsOf(event)).join(' ').toLowerCase().includes(wanted);
  const found = wanted === '' ? events : events.filter(isFound);
  const pages = Math.max(1, Math.ceil(found.length / rowsAtOnce));
  const current = Math.min(page, pages - 1);
  const end = found.length - current * rowsAtOnce;
  const rows = found.slice(Math.max(0, end - rowsAtOnce), end).reverse();
  return {
    events: events.length,
    page: current,
    pages,
    rows: rows.map((event) => ({
      id: event.id ?? 0,
      timestamp: event.timestamp?.toISOString() ?? '',
      ...textsOf(event),
    })),
  };
}

/**
 * Returns the events of a step with their data, without those of a Map's iterations, of which there
 * may be thousands.
 */
export function eventsOfStep(recorded: RecordedExecution, stepId: number): readonly HistoryEvent[] {
  return eventsOf(recorded, stepId).filter((event) => !isOfIteration(event));
}

/** Returns the events of a Map's iterations, without data. */
export function eventsOfIterations(
  recorded: RecordedExecution,
  stepId: number,
): readonly HistoryEvent[] {
  return eventsOf(recorded, stepId).filter(isOfIteration).map(withoutData);
}

function eventsOf({ history, eventsOf }: RecordedExecution, stepId: number) {
  const step = history.stepOf(stepId);
  return (step && eventsOf.get(step)) ?? [];
}

const isOfIteration = ({ type }: HistoryEvent) => type?.startsWith('MapIteration') === true;
