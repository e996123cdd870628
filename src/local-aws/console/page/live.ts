import { useEffect, useState } from 'preact/hooks';
import type { ExecutionSummary } from '../view.ts';
import { getJson } from './api.ts';

/** All executions that the console has recorded, kept up to date. */
export interface LiveExecutions {
  readonly byArn: ReadonlyMap<string, ExecutionSummary>;
  readonly newestFirst: readonly ExecutionSummary[];
  readonly isConnected: boolean;
  /** Whether the list has been loaded. Until then, it may be empty although there are executions. */
  readonly isLoaded: boolean;
  /** Increases with every change. */
  readonly changes: number;
}

const nothing: LiveExecutions = {
  byArn: new Map(),
  newestFirst: [],
  isConnected: false,
  isLoaded: false,
  changes: 0,
};

/** The pause before another attempt if the list cannot be loaded. */
const retryMilliseconds = 1000;

export function useLiveExecutions(): LiveExecutions {
  const [live, setLive] = useState(nothing);
  useEffect(() => {
    const byArn = new Map<string, ExecutionSummary>();
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Changes that arrive while the list is being loaded are newer than the list.
    let changesDuringLoad: ExecutionSummary[] | undefined;

    function merge(summaries: readonly ExecutionSummary[]): void {
      for (const summary of summaries) byArn.set(summary.arn, summary);
      // ISO 8601 dates in one time zone are in the order of their characters.
      const newestFirst = [...byArn.values()].sort(
        (a, b) => Number(a.startDate < b.startDate) - Number(a.startDate > b.startDate),
      );
      setLive((before) => ({ ...before, byArn, newestFirst, changes: before.changes + 1 }));
    }

    /** Loads the list after every connection, because changes may have been missed. */
    async function load(): Promise<void> {
      const changes: ExecutionSummary[] = [];
      changesDuringLoad = changes;
      try {
        const all = await getJson<ExecutionSummary[]>('/api/executions');
        if (changesDuringLoad !== changes) return;
        changesDuringLoad = undefined;
        byArn.clear();
        merge([...all, ...changes]);
        setLive((before) => ({ ...before, isConnected: true, isLoaded: true }));
      } catch {
        if (changesDuringLoad === changes) timer = setTimeout(connect, retryMilliseconds);
      }
    }

    function connect(): void {
      disconnect();
      source = new EventSource('/api/changes');
      source.onopen = load;
      source.onmessage = ({ data }) => {
        const summaries: ExecutionSummary[] = JSON.parse(data);
        changesDuringLoad?.push(...summaries);
        merge(summaries);
      };
      source.onerror = () => setLive((before) => ({ ...before, isConnected: false }));
    }

    function disconnect(): void {
      clearTimeout(timer);
      source?.close();
      changesDuringLoad = undefined;
    }

    // A browser opens six connections to a server at most. Hidden tabs give theirs to visible ones.
    const follow = () => (document.visibilityState === 'visible' ? connect() : disconnect());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      disconnect();
    };
  }, []);
  return live;
}
