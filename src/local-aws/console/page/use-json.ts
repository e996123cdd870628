import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, getJson } from './api.ts';

interface Read<T> {
  readonly path: string;
  readonly value: T;
}

interface Reading<T> {
  /** The latest that was read, perhaps of another path. Undefined until then. */
  readonly read: Read<T> | undefined;
  /** Why the latest attempt failed, or an empty string. What was read before stays. */
  readonly failure: string;
}

/** The pause before another attempt if there was no response, like that of an EventSource. */
const retryMilliseconds = 1000;

/**
 * Reads JSON from the console's server, and again each time that `version` changes. Without a
 * response, for example while the server starts again, it tries until there is one.
 *
 * @param effect `useLayoutEffect` to send the request before the browser paints
 */
export function useJson<T>(path: string, version?: unknown, effect = useEffect): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ read: undefined, failure: '' });
  const started = useRef(0);
  const shown = useRef(0);
  effect(() => {
    started.current += 1;
    const turn = started.current;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLatest = true;
    const attempt = async () => {
      try {
        const value = await getJson<T>(path);
        // Responses may overtake each other. Only the latest may retry, but any newer one is shown:
        // a version that changes faster than the responses arrive must not hide them all.
        if (turn < shown.current) return;
        shown.current = turn;
        setReading({ read: { path, value }, failure: '' });
      } catch (error) {
        if (!isLatest) return;
        setReading(({ read }) => ({ read, failure: String(Object(error).message) }));
        if (!(error instanceof ApiError)) timer = setTimeout(attempt, retryMilliseconds);
      }
    };
    attempt();
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [path, version]);
  return reading;
}
