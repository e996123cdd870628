import { graphlib, layout } from '@dagrejs/dagre';
import type { State, Workflow } from '../states-language/states.ts';
import type { Graph, GraphEdge, GraphNode, PlacedGraph, Point } from './view.ts';

const boxHeight = 44;
const circle = 20;
const padding = 16;
/** The height of a Parallel's or Map's own name, above its branches. */
const headerHeight = 44;
/** The approximate width of a character in names and in labels. */
const characterWidth = 8;
const labelCharacterWidth = 6;
/** The page shortens longer labels. */
const maxLabelCharacters = 20;

const startId = 'start';
const endId = 'end';
const stateId = (name: string) => `state ${name}`;

type Size = Pick<GraphNode, 'width' | 'height'>;
type Transition = Pick<GraphEdge, 'from' | 'to' | 'kind' | 'label'>;
type Route = { readonly points: Point[] } & Partial<Point>;

/** Lays out a workflow from top to bottom. A Parallel or Map is a box that contains its branches. */
export function layOut(workflow: Workflow): Graph {
  const states = [...workflow.states.values()];
  const transitions: Transition[] = [
    { from: undefined, to: workflow.startAt, kind: 'next', label: undefined },
    ...states.flatMap(transitionsOf),
  ];
  const boxes = new Map(states.map((state) => [state.name, boxOf(state)]));
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 30, marginx: padding, marginy: padding });
  graph.setNode(startId, { width: circle, height: circle });
  if (transitions.some(({ to }) => to === undefined)) {
    graph.setNode(endId, { width: circle, height: circle });
  }
  for (const [name, { width, height }] of boxes) graph.setNode(stateId(name), { width, height });
  for (const [index, { from, to, label }] of transitions.entries()) {
    graph.setEdge(
      from === undefined ? startId : stateId(from),
      to === undefined ? endId : stateId(to),
      label === undefined ? {} : labelSize(label),
      String(index),
    );
  }
  layout(graph);

  const { width, height }: Size = graph.graph();
  const centre = (id: string) => {
    const { x, y }: Point = graph.node(id);
    return { x, y };
  };
  const edges: readonly { name: string }[] = graph.edges();
  return {
    width,
    height,
    start: centre(startId),
    end: graph.hasNode(endId) ? centre(endId) : undefined,
    nodes: states.map((state): GraphNode => {
      const box = boxes.get(state.name) ?? { width: 0, height: 0, inner: [] };
      const { x, y } = centre(stateId(state.name));
      return {
        ...box,
        name: state.name,
        type: state.type,
        resource: state.type === 'Task' ? resourceOf(state.resource) : undefined,
        x: x - box.width / 2,
        y: y - box.height / 2,
      };
    }),
    edges: edges.flatMap((edge) => {
      const { points, x = 0, y = 0 }: Route = graph.edge(edge);
      const transition = transitions[Number(edge.name)];
      return transition ? [{ ...transition, points, labelAt: { x, y } }] : [];
    }),
  };
}

/** Reserves room between states, so that the label does not cover one. */
function labelSize(label: string) {
  const width = Math.min(label.length, maxLabelCharacters) * labelCharacterWidth;
  return { width, height: 12, labelpos: 'c' };
}

function transitionsOf(state: State): Transition[] {
  const from = state.name;
  switch (state.type) {
    case 'Fail':
    case 'Succeed':
      return [{ from, to: undefined, kind: 'next', label: undefined }];
    case 'Choice':
      return [
        // Choice Rules to the same state are drawn as one edge.
        ...[...new Set(state.choices.map(({ next }) => next))].map((to) => ({
          from,
          to,
          kind: 'next' as const,
          label: undefined,
        })),
        ...(state.next === undefined
          ? []
          : [{ from, to: state.next, kind: 'next' as const, label: 'Default' }]),
      ];
    case 'Pass':
    case 'Wait':
      return [{ from, to: state.next, kind: 'next', label: undefined }];
    case 'Task':
    case 'Parallel':
    case 'Map':
      return [
        { from, to: state.next, kind: 'next', label: undefined },
        ...state.catch.map(({ next, errorEquals }) => ({
          from,
          to: next,
          kind: 'catch' as const,
          label: errorEquals.join(', '),
        })),
      ];
  }
}

function boxOf(state: State): Size & Pick<GraphNode, 'inner'> {
  const width = Math.max(148, Math.ceil(state.name.length * characterWidth) + 44);
  const workflows = innerWorkflows(state);
  if (workflows.length === 0) return { width, height: boxHeight, inner: [] };
  const inner: PlacedGraph[] = [];
  let right = padding;
  for (const workflow of workflows) {
    const graph = layOut(workflow);
    inner.push({ graph, x: right, y: headerHeight });
    right += graph.width + padding;
  }
  const tallest = Math.max(...inner.map(({ graph }) => graph.height));
  return { width: Math.max(width, right), height: headerHeight + tallest + padding, inner };
}

function innerWorkflows(state: State): readonly Workflow[] {
  if (state.type === 'Parallel') return state.branches;
  return state.type === 'Map' ? [state.itemProcessor] : [];
}

/** Returns `dynamodb:putItem` for `arn:aws:states:::dynamodb:putItem`. */
function resourceOf(arn: string): string {
  return /^arn:[^:]*:states:[^:]*:[^:]*:(.+)$/.exec(arn)?.[1] ?? arn;
}
