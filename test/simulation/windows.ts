/** Periods in which something fails. */
export interface Windows {
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  isOpen(time: number): boolean;
  /** Whether it fails at any time from `from` to `to`. */
  touches(from: number, to: number): boolean;
}

export function createWindows(spans: Windows['spans']): Windows {
  const touches = (from: number, to: number) =>
    spans.some((span) => span.from <= to && from < span.to);
  return { spans, touches, isOpen: (time) => touches(time, time) };
}
