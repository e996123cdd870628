import { useEffect, useRef, useState } from 'preact/hooks';

/** Returns the value as it was at most `milliseconds` ago, so that it changes less often. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  const isOld = shown !== value;
  useEffect(() => {
    if (!isOld) return undefined;
    // Further changes do not restart the timer: a value that never rests must change too.
    const timer = setTimeout(() => setShown(latest.current), milliseconds);
    return () => clearTimeout(timer);
  }, [isOld, shown]);
  return shown;
}
