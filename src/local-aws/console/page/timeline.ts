import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { Step } from '../../../step-functions/steps.ts';
import type { EventView } from '../view.ts';
import { colourOf } from './chip.ts';
import { duration } from './format.ts';
import type { Run } from './run.ts';
import { createScale } from './time-scale.ts';
import { useNow } from './use-now.ts';

const rowsAtOnce = 100;

interface TimelineProps {
  readonly run: Run;
  readonly selected: Step | undefined;
  readonly select: (step: Step) => void;
}

/** Each visit to a state as a bar: where the time went. */
export function Timeline({ run, selected, select }: TimelineProps) {
  const { detail, history, events, eventsOf } = run;
  const [rows, setRows] = useState(rowsAtOnce);
  const [opened, setOpened] = useState<ReadonlySet<Step>>(new Set());
  const now = useNow(detail.status === 'RUNNING');
  const start = Date.parse(detail.startDate);
  const end = detail.stopDate === undefined ? now : Date.parse(detail.stopDate);
  const scale = createScale([start, ...events.map(({ timestamp }) => Date.parse(timestamp)), end]);
  const inside = Map.groupBy(history.steps, ({ within }) => within);
  const shown = unfolded(undefined, inside, opened);

  return h(
    'section',
    { 'aria-label': 'Timeline' },
    h(
      'h2',
      null,
      'Timeline',
      h('small', null, duration(end - start), scale.isFolded && ', idle time folded'),
    ),
    h(
      'ol',
      { class: 'timeline' },
      shown.slice(0, rows).map((step) => {
        const until = step.exitedDate?.getTime() ?? end;
        return h(
          'li',
          { key: step.id, class: step === selected ? 'selected' : undefined },
          inside.has(step) &&
            h(
              'button',
              {
                type: 'button',
                class: 'fold',
                'aria-expanded': opened.has(step),
                'aria-label': `What is inside ${step.name}`,
                onClick: () => setOpened(toggled(opened, step)),
              },
              opened.has(step) ? '▾' : '▸',
            ),
          h(
            'button',
            {
              type: 'button',
              class: 'row',
              'aria-pressed': step === selected,
              onClick: () => select(step),
            },
            h('b', { style: { paddingLeft: `${depthOf(step) * 14}px` } }, labelOf(step)),
            h(
              'span',
              { class: 'bar', 'aria-hidden': true },
              partsOf(step, eventsOf.get(step) ?? [], until).map(({ from, to, colour }) =>
                h('i', {
                  class: colour,
                  style: {
                    left: `${scale.position(from) * 100}%`,
                    width: `${(scale.position(to) - scale.position(from)) * 100}%`,
                  },
                }),
              ),
            ),
            h('span', { class: 'took' }, duration(Math.max(0, until - step.enteredDate.getTime()))),
          ),
        );
      }),
    ),
    shown.length > rows &&
      h(
        'button',
        { type: 'button', class: 'more', onClick: () => setRows(rows + rowsAtOnce) },
        `Show ${Math.min(rowsAtOnce, shown.length - rows)} more of ${shown.length}`,
      ),
  );
}

/** Each step, and below it what is inside where it is opened: iterations in their own order. */
function unfolded(
  around: Step | undefined,
  inside: ReadonlyMap<Step | undefined, readonly Step[]>,
  opened: ReadonlySet<Step>,
): readonly Step[] {
  const steps = inside.get(around) ?? [];
  return steps
    .toSorted((a, b) => (a.iteration ?? 0) - (b.iteration ?? 0))
    .flatMap((step) => [step, ...(opened.has(step) ? unfolded(step, inside, opened) : [])]);
}

function toggled(opened: ReadonlySet<Step>, step: Step): ReadonlySet<Step> {
  const next = new Set(opened);
  if (!next.delete(step)) next.add(step);
  return next;
}

const depthOf = ({ within }: Step): number => (within ? 1 + depthOf(within) : 0);

const labelOf = ({ name, iteration }: Step) =>
  iteration === undefined ? name : `${name} #${iteration}`;

interface Part {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

/** The attempts of a step, and between them the waits for the next one. */
function partsOf(step: Step, events: readonly EventView[], until: number): Part[] {
  const parts: Part[] = [];
  let from = step.enteredDate.getTime();
  for (const { type, timestamp } of events) {
    const at = Date.parse(timestamp);
    if (/Failed$|TimedOut$/.test(type)) {
      parts.push({ from, to: at, colour: 'bad' });
      from = at;
    } else if (/Scheduled$|StateStarted$/.test(type) && parts.length > 0) {
      parts.push({ from, to: at, colour: 'wait' });
      from = at;
    }
  }
  if (until > from || parts.length === 0) {
    parts.push({ from, to: until, colour: colourOf(step.status) });
  }
  return parts;
}
