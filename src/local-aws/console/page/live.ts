import { useEffect, useState } from 'preact/hooks';
import type { ExecutionSummary } from '../view.ts';
import { getJson } from './api.ts';

/** All executions that the console remembers, kept up to date. */
export interface LiveExecutions {
  readonly byArn: ReadonlyMap<string, ExecutionSummary>;
  readonly newestFirst: readonly ExecutionSummary[];
  readonly isConnected: boolean;
  /** Rises with every change. */
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
    const take = (summaries: readonly ExecutionSummary[]) => {
      for (const summary of summaries) byArn.set(summary.arn, summary);
      const newestFirst = [...byArn.values()].sort((a, b) => (a.startDate < b.startDate ? 1 : -1));
      setLive(({ changes }) => ({ byArn, newestFirst, isConnected: true, changes: changes + 1 }));
    };
    const source = new EventSource('/api/changes');
    // What arrives while the list is on its way is newer than the list.
    let meanwhile: ExecutionSummary[] | undefined;
    // What changed while there was no connection shows in the list.
    source.onopen = async () => {
      meanwhile = [];
      const all = await getJson<ExecutionSummary[]>('/api/executions');
      byArn.clear();
      take([...all, ...(meanwhile ?? [])]);
      meanwhile = undefined;
    };
    source.onmessage = ({ data }) => {
      const summaries: ExecutionSummary[] = JSON.parse(data);
      meanwhile?.push(...summaries);
      take(summaries);
    };
    source.onerror = () => setLive((before) => ({ ...before, isConnected: false }));
    return () => source.close();
  }, []);
  return live;
}
