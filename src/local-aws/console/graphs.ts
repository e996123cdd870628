import { LRUCache } from 'lru-cache';
import type { StateMachine } from '../step-functions/state-machines.ts';
import { layOut } from './graph.ts';
import type { Graph } from './view.ts';

const maxGraphs = 100;

/** Returns a function that returns the graph of a state machine, laid out once for each definition. */
export function createGraphs() {
  const graphs = new LRUCache<string, Graph>({ max: maxGraphs });
  return ({ definition, parsed }: Pick<StateMachine, 'definition' | 'parsed'>): Graph => {
    const known = graphs.get(definition);
    if (known) return known;
    const graph = layOut(parsed.workflow);
    graphs.set(definition, graph);
    return graph;
  };
}
