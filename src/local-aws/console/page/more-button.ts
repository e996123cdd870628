import { h, type TargetedMouseEvent } from 'preact';
import { counted } from './format.ts';

interface MoreButtonProps {
  /** The number of rows that are shown. */
  readonly rows: number;
  readonly total: number;
  /** The number of rows that a click adds. */
  readonly step: number;
  readonly show: (rows: number) => void;
}

/** A button below a long list that shows more of its rows, or nothing if all are shown. */
export function MoreButton({ rows, total, step, show }: MoreButtonProps) {
  if (total <= rows) return null;
  const more = ({ currentTarget }: TargetedMouseEvent<HTMLButtonElement>) => {
    // The last button disappears. The new rows follow the last row.
    const controls =
      currentTarget.previousElementSibling?.querySelectorAll<HTMLElement>('a, button');
    if (total <= rows + step) [...(controls ?? [])].at(-1)?.focus({ preventScroll: true });
    show(rows + step);
  };
  return h(
    'button',
    { type: 'button', class: 'more', onClick: more },
    `Show ${Math.min(step, total - rows)} more of ${counted(total)}`,
  );
}
