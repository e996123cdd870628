import { h } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { breakable } from './breakable.ts';
import type { ExecutionData, Step } from './execution-data.ts';
import { duration, exactTimeOfDay } from './format.ts';
import { MoreButton } from './more-button.ts';
import { Panel } from './panel.ts';
import { createScale, inOrder, type TimeScale } from './time-scale.ts';
import { partsOf } from './timeline-parts.ts';
import { useNow } from './use-now.ts';

const rowsAtOnce = 50;
/** A Parallel or Map with at most this many nested steps is unfolded at first. */
const maxUnfoldedSteps = 20;

interface TimelineProps {
  readonly execution: ExecutionData;
  readonly selected: Step | undefined;
  readonly select: (step: Step) => void;
}

/** A bar for each visit of a state, to show where the time went. */
export function Timeline({ execution, selected, select }: TimelineProps) {
  const { detail, steps } = execution;
  const [rows, setRows] = useState(rowsAtOnce);
  const [toggled, setToggled] = useState<ReadonlyMap<Step, boolean>>(new Map());
  const now = useNow(detail.status === 'RUNNING');
  const start = Date.parse(detail.startDate);
  const end = detail.stopDate === undefined ? now : Date.parse(detail.stopDate);
  const moments = useMemo(() => momentsOf(start, steps), [start, steps]);
  const scale = useMemo(() => createScale(moments, end), [moments, end]);
  const inside = useMemo(() => Map.groupBy(steps, ({ within }) => within), [steps]);
  const isOpen = (step: Step) =>
    toggled.get(step) ??
    ((inside.get(step)?.length ?? 0) <= maxUnfoldedSteps || isAround(step, selected));
  const shown = unfolded(undefined, inside, isOpen);

  return h(
    Panel,
    {
      label: 'Timeline',
      aside: [duration(end - start), scale.isFolded && ', idle time folded'],
    },
    h(
      'ol',
      { class: 'timeline' },
      shown.slice(0, rows).map((step) =>
        h(
          'li',
          { key: step.id, class: step === selected ? 'selected' : undefined },
          inside.has(step) &&
            h(
              'button',
              {
                type: 'button',
                class: 'fold',
                'aria-expanded': isOpen(step),
                'aria-label': `States inside ${step.name}`,
                onClick: () => setToggled(new Map(toggled).set(step, !isOpen(step))),
              },
              isOpen(step) ? '▾' : '▸',
            ),
          h(Row, { step, end, scale, isSelected: step === selected, select }),
        ),
      ),
    ),
    h(MoreButton, { rows, total: shown.length, step: rowsAtOnce, show: setRows }),
  );
}

interface RowProps {
  readonly step: Step;
  /** Epoch milliseconds. */
  readonly end: number;
  readonly scale: TimeScale;
  readonly isSelected: boolean;
  readonly select: (step: Step) => void;
}

function Row({ step, end, scale, isSelected, select }: RowProps) {
  const until = step.exited ?? end;
  const took = duration(Math.max(0, until - step.entered));
  const percent = (share: number) => `${100 * share}%`;
  return h(
    'button',
    {
      type: 'button',
      class: 'row',
      'aria-pressed': isSelected,
      title: `entered ${exactTimeOfDay(new Date(step.entered))}, ${took}`,
      onClick: () => select(step),
    },
    h('b', { style: { paddingLeft: `${depthOf(step) * 14}px` } }, breakable(labelOf(step))),
    h(
      'span',
      { class: 'bar', 'aria-hidden': true },
      partsOf(step, until).map(({ from, to, colour }) =>
        h('i', {
          class: colour,
          style: {
            left: percent(scale.position(from)),
            width: percent(scale.position(to) - scale.position(from)),
          },
        }),
      ),
    ),
    h('span', { class: 'took' }, took),
  );
}

function momentsOf(start: number, steps: readonly Step[]): readonly number[] {
  const moments = [start];
  for (const { entered, pastAttempts = [], exited = entered } of steps) {
    moments.push(entered, exited);
    for (const { until } of pastAttempts) moments.push(until);
  }
  return inOrder(moments);
}

/** Returns each step, followed by its nested steps if it is unfolded, in the order of iterations. */
function unfolded(
  around: Step | undefined,
  inside: ReadonlyMap<Step | undefined, readonly Step[]>,
  isOpen: (step: Step) => boolean,
): readonly Step[] {
  const steps = inside.get(around) ?? [];
  const isMap = steps[0]?.iteration !== undefined;
  const ordered = isMap ? steps.toSorted(byIteration) : steps;
  return ordered.flatMap((step) =>
    inside.has(step) && isOpen(step) ? [step, ...unfolded(step, inside, isOpen)] : step,
  );
}

const byIteration = (a: Step, b: Step) => (a.iteration ?? 0) - (b.iteration ?? 0);

function isAround(step: Step, inner: Step | undefined): boolean {
  return inner?.within !== undefined && (inner.within === step || isAround(step, inner.within));
}

const depthOf = ({ within }: Step): number => (within ? 1 + depthOf(within) : 0);

const labelOf = ({ name, iteration }: Step) =>
  iteration === undefined ? name : `${name} #${iteration}`;
