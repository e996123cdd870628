import { type ComponentChild, h } from 'preact';
import type { Graph, GraphEdge, GraphNode, Point } from '../view.ts';
import { colourOf, iconOf, wordOf } from './chip.ts';
import type { ExecutionDetail } from './execution-data.ts';
import { factsText, type GraphStates, type StateFacts } from './graph-states.ts';

interface GraphViewProps {
  readonly detail: ExecutionDetail;
  readonly states: GraphStates;
  readonly selected: string | undefined;
  readonly select: (name: string) => void;
}

/** The workflow as a graph, with each state in the colour of its status. */
export function GraphView({ detail, states: { states, taken }, selected, select }: GraphViewProps) {
  const { graph, status } = detail;
  const hasEnded = status !== 'RUNNING';

  function drawGraph({ nodes, edges, start, end }: Graph, isOuter: boolean): ComponentChild {
    const last = nodes.map(({ name }) => states.get(name)).find((state) => state?.isLast);
    const isReached = nodes.some(({ name }) => states.has(name));
    const endColour = isOuter ? hasEnded && colourOf(status) : last && colourOf(last.status);
    return [
      edges.map((edge) => drawEdge(edge, edgeClass(edge, isReached))),
      nodes.map(drawNode),
      h('circle', { class: isReached ? 'mark ok' : 'mark', cx: start.x, cy: start.y, r: 8 }),
      end && h('circle', { class: `mark ${endColour || ''}`, cx: end.x, cy: end.y, r: 8 }),
    ];
  }

  function edgeClass({ from, to, kind }: GraphEdge, isReached: boolean): string {
    if (from === undefined) return isReached ? 'edge taken' : 'edge';
    const before = states.get(from);
    const isTaken = to === undefined ? before?.isLast === true : taken.get(from)?.has(to) === true;
    const isBad = to === undefined && before !== undefined && colourOf(before.status) === 'bad';
    return ['edge', kind === 'catch' && 'catch', isTaken && 'taken', isBad && 'failed']
      .filter(Boolean)
      .join(' ');
  }

  function drawNode(node: GraphNode): ComponentChild {
    const { name, x, y, inner } = node;
    const state = states.get(name);
    const classes = [
      'node',
      state ? colourOf(state.status) : 'unreached',
      name === selected && 'selected',
    ];
    return h(
      'g',
      { key: name, transform: `translate(${x} ${y})`, class: classes.filter(Boolean).join(' ') },
      state
        ? h(
            'g',
            {
              role: 'button',
              tabindex: 0,
              'aria-pressed': name === selected,
              'aria-label': `${name}, ${node.type}, ${wordOf(state.status)}`,
              onClick: () => select(name),
              onKeyDown: (event: KeyboardEvent) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                select(name);
              },
            },
            drawBox(node, state),
          )
        : h(
            'g',
            { role: 'img', 'aria-label': `${name}, ${node.type}, not reached` },
            drawBox(node, undefined),
          ),
      inner.map(({ graph, x, y }) =>
        h('g', { transform: `translate(${x} ${y})` }, drawGraph(graph, false)),
      ),
    );
  }

  return h(
    'svg',
    {
      class: 'graph',
      viewBox: `0 0 ${graph.width} ${graph.height}`,
      // The style sheet limits the width so that the text stays legible.
      style: { '--width': `${graph.width}px` },
      role: 'group',
      'aria-label': 'Graph of the workflow',
    },
    drawGraph(graph, true),
  );
}

function drawBox(node: GraphNode, state: StateFacts | undefined): ComponentChild {
  const { name, type, resource, width, height } = node;
  const kind = resource?.replace(/^.*:/, '') ?? type;
  const facts = state ? factsText(state) : '';
  return [
    h('title', null, `${name}: ${resource ?? type}${facts && `, ${facts}`}`),
    h('rect', { width, height, rx: 9 }),
    h('text', { x: 14, y: 19 }, name),
    h(
      'text',
      { class: 'facts', x: 14, y: 34 },
      // A retry leaves no room for the type.
      state?.retries ? facts : [kind, facts].filter(Boolean).join(' · '),
    ),
    h('text', { class: 'icon', x: width - 22, y: 26 }, state ? iconOf(state.status) : ''),
  ];
}

function drawEdge({ from, to, label, points, labelAt }: GraphEdge, classes: string) {
  return h(
    'g',
    { key: `${from} ${to} ${label}`, class: classes },
    h('path', { d: curve(points) }),
    label && [
      h('title', null, label),
      h('text', { class: 'label', x: labelAt.x, y: labelAt.y + 4 }, shortened(label)),
    ],
  );
}

/** Shortens a label to the width that the layout reserves. */
const shortened = (label: string) => (label.length <= 20 ? label : `${label.slice(0, 19)}…`);

/** Returns the path of a smooth line through the midpoints between the points. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const end = next === last ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y}${bends.join('')}${bends.length === 0 ? `L${last.x} ${last.y}` : ''}`;
}
