import { useEffect, useState } from 'preact/hooks';
import { getJson } from './api.ts';

interface Read<T> {
  readonly path: string;
  readonly value: T;
}

/**
 * Reads JSON from the console's server, and again each time that `version` changes. Returns the
 * latest that was read, perhaps of another path, or undefined. A failure changes nothing.
 */
export function useJson<T>(path: string, version?: unknown): Read<T> | undefined {
  const [read, setRead] = useState<Read<T>>();
  useEffect(() => {
    let isWanted = true;
    getJson<T>(path).then(
      (value) => isWanted && setRead({ path, value }),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [path, version]);
  return read;
}
