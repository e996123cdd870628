import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionSummary } from '../view.ts';
import { EventsTable } from './events-table.ts';
import { type ExecutionData, isLost, type Step, useExecutionData } from './execution-data.ts';
import { ExecutionHeading } from './execution-heading.ts';
import { GraphPanel } from './graph-panel.ts';
import { JsonView } from './json-view.ts';
import { LogView } from './log-view.ts';
import { Panel } from './panel.ts';
import type { Service } from './service.ts';
import { StatePanel } from './state-panel.ts';
import { type Tab, Tabs } from './tabs.ts';
import { Timeline } from './timeline.ts';

interface ExecutionPageProps {
  readonly arn: string;
  /** The entry in the list of executions. A new object means that the execution has changed. */
  readonly summary: ExecutionSummary | undefined;
  readonly service: Service | undefined;
}

export function ExecutionPage({ arn, summary, service }: ExecutionPageProps) {
  const { execution, failure } = useExecutionData(arn, summary);
  const [chosen, choose] = useState<Step>();
  // Kept when another state is chosen, for example to compare outputs.
  const [tab, setTab] = useState<string>();
  const shown = execution?.detail ?? summary;
  if (execution === undefined && failure !== undefined) return h(Unreadable, { failure });
  // Until a state is chosen, the last one that failed is selected.
  const step =
    chosen ??
    execution?.steps.findLast(({ status, type }) => status === 'CAUGHT' || isFailed(status, type));
  return [
    shown ? h(ExecutionHeading, { summary: shown, execution, service }) : h('h1', null, 'Loading…'),
    isLost(failure) && h('p', { class: 'banner wait', role: 'status' }, lostText),
    h(
      'div',
      { class: 'three' },
      execution
        ? h(GraphPanel, { execution, selected: step, select: choose })
        : h(Placeholder, { title: 'Graph' }),
      h(
        'div',
        { class: 'stack' },
        execution
          ? h(Timeline, { execution, selected: step, select: choose })
          : h(Placeholder, { title: 'Timeline' }),
        // The table reads its own events, so it need not wait for the execution.
        h(EventsTable, { arn, summary }),
      ),
      execution
        ? h(
            'div',
            { class: 'stack' },
            step && h(StatePanel, { execution, step, select: choose, tab, setTab }),
            h(ExecutionPanel, { execution, isAlone: step === undefined }),
            step === undefined &&
              h('p', { class: 'hint' }, 'Choose a state to see its own input and output.'),
          )
        : h(Placeholder, { title: 'Execution' }),
    ),
  ];
}

const lostText =
  'Local AWS no longer has this execution: npm run dev has been started again, or there were too many executions. ' +
  'The page shows what it read before. “Start again…” starts an execution with the same input.';

/** Keeps the place of a panel while the execution is being read. */
function Placeholder({ title }: { title: string }) {
  return h(Panel, { label: title, class: 'placeholder', isBusy: true });
}

function Unreadable({ failure }: { failure: Error }) {
  return [
    h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: '#/' }, 'Executions')),
    h('h1', null, isLost(failure) ? 'Execution not found' : 'The execution cannot be read'),
    h('p', { class: 'banner bad', role: 'alert' }, failure.message),
    isLost(failure) &&
      h(
        'p',
        { class: 'hint' },
        'Executions are lost when npm run dev ends, and the oldest ones when there are too many.',
      ),
  ];
}

/** A Fail state does not count: it usually passes on the error of an earlier state. */
const isFailed = (status: Step['status'], type: string) => status === 'FAILED' && type !== 'Fail';

interface ExecutionPanelProps {
  readonly execution: ExecutionData;
  /** Without a state panel beside it, there is room for input and output together. */
  readonly isAlone: boolean;
}

function ExecutionPanel({ execution, isAlone }: ExecutionPanelProps) {
  const { detail, log } = execution;
  const [tab, setTab] = useState<string>();
  const input = h(JsonView, { text: detail.input, label: 'Input' });
  const output =
    detail.output !== undefined && h(JsonView, { text: detail.output, label: 'Output' });
  const tabs: Tab[] =
    output && isAlone
      ? [
          {
            title: 'Input and output',
            content: [h('h3', null, 'Input'), input, h('h3', null, 'Output'), output],
          },
        ]
      : [
          { title: 'Input', content: input },
          ...(output ? [{ title: 'Output', content: output }] : []),
        ];
  const definition = h(JsonView, { text: detail.definition, label: 'Definition' });
  tabs.push({ title: 'Definition', content: definition });
  if (log.length > 0) tabs.push({ title: 'Log', content: h(LogView, { lines: log }) });
  return h(Panel, { label: 'Execution' }, h(Tabs, { tabs, chosen: tab, choose: setTab }));
}
