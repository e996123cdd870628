import { useEffect, useState } from 'preact/hooks';
import type { ExecutionSummary } from '../view.ts';
import { getJson } from './api.ts';

/** All executions that the console has recorded, kept up to date. */
export interface LiveExecutions {
  readonly byArn: ReadonlyMap<string, ExecutionSummary>;
  readonly newestFirst: readonly ExecutionSummary[];
  readonly isConnected: boolean;
  /** Increases with every change. */
  readonly changes: number;
}

const nothing: LiveExecutions = {
  byArn: new Map(),
  newestFirst: [],
  isConnected: false,
  changes: 0,
};

export function useLiveExecutions(): LiveExecutions {
  const [live, setLive] = useState(nothing);
  useEffect(() => {
    const byArn = new Map<string, ExecutionSummary>();
    const merge = (summaries: readonly ExecutionSummary[]) => {
      for (const summary of summaries) byArn.set(summary.arn, summary);
      const newestFirst = [...byArn.values()].sort((a, b) => (a.startDate < b.startDate ? 1 : -1));
      setLive(({ changes }) => ({ byArn, newestFirst, isConnected: true, changes: changes + 1 }));
    };
    const source = new EventSource('/api/changes');
    // Changes that arrive while the list is being loaded are newer than the list.
    let changesDuringLoad: ExecutionSummary[] | undefined;
    // Loads the list after every reconnect, because changes may have been missed.
    source.onopen = async () => {
      changesDuringLoad = [];
      const all = await getJson<ExecutionSummary[]>('/api/executions');
      byArn.clear();
      merge([...all, ...(changesDuringLoad ?? [])]);
      changesDuringLoad = undefined;
    };
    source.onmessage = ({ data }) => {
      const summaries: ExecutionSummary[] = JSON.parse(data);
      changesDuringLoad?.push(...summaries);
      merge(summaries);
    };
    source.onerror = () => setLive((before) => ({ ...before, isConnected: false }));
    return () => source.close();
  }, []);
  return live;
}
