import { h } from 'preact';
import { counted } from './format.ts';

interface MoreButtonProps {
  /** The number of rows that are shown. */
  readonly rows: number;
  readonly total: number;
  /** The number of rows that a click adds. */
  readonly step: number;
  readonly show: (rows: number) => void;
}

/** A button that shows more rows of a long list, or nothing if all are shown. */
export function MoreButton({ rows, total, step, show }: MoreButtonProps) {
  if (total <= rows) return null;
  return h(
    'button',
    { type: 'button', class: 'more', onClick: () => show(rows + step) },
    `Show ${Math.min(step, total - rows)} more of ${counted(total)}`,
  );
}
