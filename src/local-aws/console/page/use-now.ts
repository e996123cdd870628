import { useEffect, useState } from 'preact/hooks';

/** Returns the time in epoch milliseconds, updated four times a second while `isMoving`. */
export function useNow(isMoving: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isMoving]);
  return now;
}
