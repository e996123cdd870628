import { colourOf } from './chip.ts';
import type { Step } from './execution-data.ts';

/** A part of a bar. `from` and `to` are epoch milliseconds. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

/** Returns the attempts of a step, and the waits between them. */
export function partsOf(
  { entered, pastAttempts = [], status }: Step,
  until: number,
): readonly Part[] {
  const past = pastAttempts.map(({ until, isWait }, index) => ({
    from: pastAttempts[index - 1]?.until ?? entered,
    to: until,
    colour: isWait ? 'wait' : 'bad',
  }));
  const from = past.at(-1)?.to ?? entered;
  if (until <= from && past.length > 0) return past;
  return [...past, { from, to: until, colour: colourOf(status) }];
}
