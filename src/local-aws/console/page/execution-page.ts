import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { Step } from '../../../step-functions/steps.ts';
import type { ExecutionDetail, ExecutionSummary } from '../view.ts';
import { executionPath, postJson } from './api.ts';
import { Chip } from './chip.ts';
import { CopyButton } from './copy-button.ts';
import { DialogButton } from './dialog-button.ts';
import { EventsTable } from './events-table.ts';
import { duration, exactTimeOfDay, plural } from './format.ts';
import { GraphView } from './graph-view.ts';
import { JsonView } from './json-view.ts';
import { type Run, useRun } from './run.ts';
import type { Service } from './service.ts';
import { StatePanel } from './state-panel.ts';
import { Tabs } from './tabs.ts';
import { Timeline } from './timeline.ts';

interface ExecutionPageProps {
  readonly arn: string;
  /** As the list has it; a new one says that something happened. */
  readonly summary: ExecutionSummary | undefined;
  readonly service: Service | undefined;
}

export function ExecutionPage({ arn, summary, service }: ExecutionPageProps) {
  const { run, failure } = useRun(arn, summary);
  const [chosen, choose] = useState<Step>();
  if (run === undefined) {
    return [
      h('p', { class: 'crumbs' }, h('a', { href: '#/' }, 'Executions')),
      h('h1', null, failure === '' ? 'Loading…' : 'No such execution'),
      failure && h('p', { class: 'error', role: 'alert' }, failure),
    ];
  }
  const { detail, history } = run;
  // What somebody who opens a failed execution is looking for.
  const step =
    chosen ?? history.steps.find(({ status }) => status === 'FAILED' || status === 'CAUGHT');
  const chooseByName = (name: string) => {
    const visit = history.steps.findLast((each) => each.name === name);
    if (visit) choose(visit);
  };
  return [
    h(Heading, { run, service }),
    h(
      'div',
      { class: 'three' },
      h(
        'section',
        { 'aria-label': 'Graph' },
        h('h2', null, 'Graph'),
        h(
          'div',
          { class: 'scroll' },
          h(GraphView, { run, selected: step?.name, select: chooseByName }),
        ),
      ),
      h(
        'div',
        { class: 'stack' },
        h(Timeline, { run, selected: step, select: choose }),
        h(EventsTable, { run }),
      ),
      h(
        'div',
        { class: 'stack' },
        step && h(StatePanel, { key: step.id, run, step }),
        h(ExecutionPanel, { detail }),
      ),
    ),
  ];
}

function Heading({ run, service }: { run: Run; service: Service | undefined }) {
  const { detail, history } = run;
  const { arn, name, userId, status, startDate, stopDate, error, cause } = detail;
  const retries = history.steps.reduce((sum, { attempts }) => sum + attempts - 1, 0);
  const facts = [
    `${detail.stateMachine}, ${detail.type.toLowerCase()}`,
    `started by ${detail.origin} at ${exactTimeOfDay(new Date(startDate))}`,
    stopDate && `took ${duration(Date.parse(stopDate) - Date.parse(startDate))}`,
    plural(history.steps.length, 'state'),
    retries > 0 && (retries === 1 ? '1 retry' : `${retries} retries`),
  ];
  const failed = history.steps.findLast(
    (step) => step.status === 'FAILED' || step.status === 'CAUGHT',
  );
  return [
    h('p', { class: 'crumbs' }, h('a', { href: '#/' }, 'Executions')),
    h(
      'div',
      { class: 'heading' },
      h('h1', null, userId ?? name, h(Chip, { status })),
      h('div', { class: 'buttons' }, h(Actions, { detail, service })),
    ),
    h(
      'p',
      { class: 'facts' },
      facts.filter(Boolean).map((fact) => h('span', null, fact)),
      h('code', null, name),
    ),
    h('p', { class: 'arn' }, h('code', null, arn)),
    (error ?? cause) !== undefined &&
      h(
        'p',
        { class: status === 'ABORTED' ? 'error stopped' : 'error' },
        h('b', null, error ?? 'Stopped'),
        failed && ` in ${failed.name}`,
        cause && `. ${cause}`,
      ),
  ];
}

interface ActionsProps {
  readonly detail: ExecutionDetail;
  readonly service: Service | undefined;
}

function Actions({ detail, service }: ActionsProps) {
  const { arn, status, type, input, stateMachineArn } = detail;
  return [
    status === 'RUNNING' &&
      type === 'STANDARD' &&
      h(DialogButton, {
        label: 'Stop…',
        title: 'Stop the execution',
        field: 'Reason (what it did before stays done)',
        initial: '',
        rows: 2,
        action: 'Stop',
        submit: async (cause) => {
          await postJson(`${executionPath(arn)}/stop`, cause === '' ? {} : { cause });
        },
      }),
    service &&
      h(CopyButton, {
        label: 'Copy as AWS CLI',
        text: cliOf(detail, service.stepFunctionsUrl),
      }),
    h(
      'a',
      { class: 'button', href: `${executionPath(arn)}/history`, download: '' },
      'Download history',
    ),
    h(DialogButton, {
      label: 'Start again…',
      isPrimary: true,
      title: 'Start again',
      field: 'Input',
      initial: JSON.stringify(JSON.parse(input), undefined, 2),
      rows: 16,
      action: 'Start',
      submit: async (edited) => {
        const started = await postJson<{ arn: string }>('/api/executions', {
          stateMachineArn,
          input: edited,
        });
        location.hash = `#/executions/${encodeURIComponent(started.arn)}`;
      },
    }),
  ];
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function cliOf({ type, stateMachineArn, input }: ExecutionDetail, url: string): string {
  const operation = type === 'EXPRESS' ? 'start-sync-execution' : 'start-execution';
  return `aws stepfunctions ${operation} --endpoint-url ${url} --state-machine-arn ${stateMachineArn} --input ${quoted(input)}`;
}

function ExecutionPanel({ detail }: { detail: ExecutionDetail }) {
  const texts: [string, string | undefined][] = [
    ['Input', detail.input],
    ['Output', detail.output],
    ['Definition', detail.definition],
  ];
  const tabs = texts.flatMap(([title, text]) =>
    text === undefined ? [] : [{ title, content: h(JsonView, { text }) }],
  );
  return h('section', { 'aria-label': 'Execution' }, h('h2', null, 'Execution'), h(Tabs, { tabs }));
}
