/** Periods in which something fails. */
export interface Windows {
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  isOpen(time: number): boolean;
  /** Whether it fails at any time from `from` to `to`. */
  touches(from: number, to: number): boolean;
  /** When the last failure ends that it has from `from` to `to`; -Infinity without one. */
  endOf(from: number, to: number): number;
}

export function createWindows(spans: Windows['spans']): Windows {
  const within = (from: number, to: number) =>
    spans.filter((span) => span.from <= to && from < span.to);
  const touches = (from: number, to: number) => within(from, to).length > 0;
  return {
    spans,
    touches,
    isOpen: (time) => touches(time, time),
    endOf: (from, to) =>
      Math.max(Number.NEGATIVE_INFINITY, ...within(from, to).map((span) => span.to)),
  };
}
