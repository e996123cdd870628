import { type ComponentChild, h } from 'preact';
import type { Step, StepStatus } from '../../../step-functions/steps.ts';
import type { Graph, GraphEdge, GraphNode, Point } from '../view.ts';
import { colourOf, iconOf, wordOf } from './chip.ts';
import { duration, plural } from './format.ts';
import type { Run } from './run.ts';

interface GraphViewProps {
  readonly run: Run;
  readonly selected: string | undefined;
  readonly select: (name: string) => void;
}

/** The workflow as a graph, each state in the colour of what became of it. */
export function GraphView({ run, selected, select }: GraphViewProps) {
  const { graph, status } = run.detail;
  const states = statesOf(run.history.steps);
  const taken = transitionsOf(run);
  const hasEnded = status !== 'RUNNING';

  function drawGraph({ nodes, edges, start, end }: Graph, isOuter: boolean): ComponentChild {
    const isReached = nodes.some(({ name }) => states.has(name));
    return [
      edges.map((edge) => drawEdge(edge, edgeClass(edge, isReached))),
      nodes.map(drawNode),
      h('circle', { class: isReached ? 'mark ok' : 'mark', cx: start.x, cy: start.y, r: 8 }),
      end &&
        h('circle', {
          class: isOuter && hasEnded ? `mark ${colourOf(status)}` : 'mark',
          cx: end.x,
          cy: end.y,
          r: 8,
        }),
    ];
  }

  function edgeClass({ from, to, kind }: GraphEdge, isReached: boolean): string {
    if (from === undefined) return isReached ? 'edge taken' : 'edge';
    const isTaken =
      to === undefined ? states.get(from)?.isLast === true : taken.has(`${from}\n${to}`);
    return ['edge', kind === 'catch' && 'catch', isTaken && 'taken'].filter(Boolean).join(' ');
  }

  function drawNode(node: GraphNode): ComponentChild {
    const { name, type, resource, x, y, width, height, inner } = node;
    const state = states.get(name);
    const facts = [
      resource?.replace(/^.*:/, '') ?? type,
      state === undefined ? 'not reached' : factsOf(state),
    ].join(' · ');
    const classes = ['node', state && colourOf(state.status), name === selected && 'selected'];
    return h(
      'g',
      { key: name, transform: `translate(${x} ${y})`, class: classes.filter(Boolean).join(' ') },
      h(
        'g',
        {
          role: 'button',
          tabindex: 0,
          'aria-pressed': name === selected,
          'aria-label': `${name}, ${type}, ${state ? wordOf(state.status) : 'not reached'}`,
          onClick: () => select(name),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            select(name);
          },
        },
        h('rect', { width, height, rx: 9 }),
        h('text', { x: 14, y: 19 }, name),
        h('text', { class: 'facts', x: 14, y: 34 }, facts),
        h('text', { class: 'icon', x: width - 22, y: 26 }, state ? iconOf(state.status) : ''),
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
      width: graph.width,
      height: graph.height,
      role: 'group',
      'aria-label': 'Graph of the workflow',
    },
    drawGraph(graph, true),
  );
}

function drawEdge({ from, to, label, points }: GraphEdge, classes: string): ComponentChild {
  const middle = points[Math.floor(points.length / 2)];
  return h(
    'g',
    { key: `${from} ${to} ${label}`, class: classes },
    h('path', { d: curve(points) }),
    label && h('title', null, label),
    label &&
      middle &&
      h('text', { class: 'label', x: middle.x + 6, y: middle.y - 4 }, shortened(label)),
  );
}

const shortened = (label: string) => (label.length <= 18 ? label : `${label.slice(0, 17)}…`);

/** A smooth line through the middles between the points. */
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

/** All visits to one state together. */
interface StateFacts {
  readonly status: StepStatus;
  readonly visits: number;
  readonly retries: number;
  readonly milliseconds: number | undefined;
  /** Whether its workflow ended with it, as far as is known. */
  readonly isLast: boolean;
}

const worst: readonly StepStatus[] = [
  'FAILED',
  'RETRYING',
  'RUNNING',
  'ABORTED',
  'CAUGHT',
  'SUCCEEDED',
];

function statesOf(steps: readonly Step[]): ReadonlyMap<string, StateFacts> {
  const states = new Map<string, StateFacts>();
  const last = steps.findLast(({ within }) => within === undefined);
  for (const step of steps) {
    const before = states.get(step.name);
    const took = step.exitedDate && step.exitedDate.getTime() - step.enteredDate.getTime();
    const status = worst.find((each) => each === step.status || each === before?.status);
    states.set(step.name, {
      status: status ?? step.status,
      visits: (before?.visits ?? 0) + 1,
      retries: (before?.retries ?? 0) + step.attempts - 1,
      milliseconds: took,
      isLast: (step === last || step.within !== undefined) && step.exitedDate !== undefined,
    });
  }
  return states;
}

function factsOf({ visits, retries, milliseconds }: StateFacts): string {
  return [
    visits > 1 ? plural(visits, 'visit') : milliseconds !== undefined && duration(milliseconds),
    retries > 0 && (retries === 1 ? '1 retry' : `${retries} retries`),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Which state followed which, as `from\nto`. */
function transitionsOf({ history, events }: Run): ReadonlySet<string> {
  return new Set(
    history.steps.flatMap((step) => {
      const before = history.stepOf(events[step.id - 1]?.previousEventId ?? 0);
      return before && before.within === step.within ? [`${before.name}\n${step.name}`] : [];
    }),
  );
}
