import type { Step } from '../../../step-functions/step.ts';
import type { EventView } from '../view.ts';
import { colourOf } from './chip.ts';
import { isFailedAttempt } from './event-errors.ts';

/** A part of a bar. `from` and `to` are epoch milliseconds. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

/** Returns the attempts of a step, and the waits between them. */
export function partsOf(step: Step, events: readonly EventView[], until: number): Part[] {
  const parts: Part[] = [];
  let from = step.enteredDate.getTime();
  for (const event of events) {
    const at = Date.parse(event.timestamp);
    // A failed iteration does not end the attempt of its Map.
    if (event.type.startsWith('MapIteration')) continue;
    if (isFailedAttempt(event)) {
      parts.push({ from, to: at, colour: 'bad' });
      from = at;
    } else if (/Scheduled$|StateStarted$/.test(event.type) && parts.length > 0) {
      parts.push({ from, to: at, colour: 'wait' });
      from = at;
    }
  }
  if (until > from || parts.length === 0) {
    parts.push({ from, to: until, colour: colourOf(step.status) });
  }
  return parts;
}
