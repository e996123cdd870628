import type { EventView } from '../view.ts';

/** Whether an event says that something went wrong, or was cut short. */
export const isFailure = ({ type }: EventView) => /Failed$|TimedOut$|Aborted$/.test(type);

/** Whether an attempt ended with it, in an error. */
export const isFailedAttempt = ({ type }: EventView) => /Failed$|TimedOut$/.test(type);

/** Every kind of failure has details of its own, which share `error` and `cause`. */
export function failureOf(event: EventView): { readonly error?: string; readonly cause?: string } {
  for (const details of Object.values(event)) {
    const { error, cause } = Object(details);
    if (typeof error === 'string') return { error, ...(typeof cause === 'string' && { cause }) };
  }
  return {};
}

export const errorOf = (event: EventView) => failureOf(event).error ?? '';
