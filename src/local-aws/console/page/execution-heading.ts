import { h } from 'preact';
import type { ExecutionSummary } from '../view.ts';
import { executionPath, postJson } from './api.ts';
import { Chip, wordOf } from './chip.ts';
import { CopyButton } from './copy-button.ts';
import { DialogButton } from './dialog-button.ts';
import type { ExecutionData, ExecutionDetail } from './execution-data.ts';
import { duration, exactTimeOfDay, plural, retriesText } from './format.ts';
import { indented } from './json-text.ts';
import { Outcome } from './outcome.ts';
import { executionHref, executionsHref } from './route.ts';
import type { Service } from './service.ts';
import { shellQuoted } from './shell.ts';
import { useNow } from './use-now.ts';

interface HeadingProps {
  readonly summary: ExecutionSummary;
  /** Undefined while it is being read. */
  readonly execution: ExecutionData | undefined;
  readonly service: Service | undefined;
}

export function ExecutionHeading({ summary, execution, service }: HeadingProps) {
  const { arn, name, userId, status, type, origin, startDate, stateMachine } = summary;
  return [
    h(
      'nav',
      { class: 'crumbs', 'aria-label': 'Breadcrumb' },
      h('a', { href: '#/' }, 'Executions'),
      h('span', { 'aria-hidden': true }, ' / '),
      h('a', { href: executionsHref({ machine: stateMachine }) }, stateMachine),
    ),
    h(
      'div',
      { class: 'heading' },
      h('h1', null, userId ?? name, h(Chip, { status })),
      h(
        'div',
        { class: 'buttons' },
        execution && h(Actions, { detail: execution.detail, service }),
      ),
    ),
    // Screen readers announce changes of this text. The chip shows the status to others.
    h('p', { class: 'visually-hidden', role: 'status' }, `Execution: ${wordOf(status)}`),
    h(
      'p',
      { class: 'facts' },
      h(
        'span',
        null,
        `${type === 'EXPRESS' ? 'Express' : 'Standard'}, started by `,
        h('b', null, origin),
      ),
      h('span', null, 'Started ', h('b', null, exactTimeOfDay(new Date(startDate)))),
      h(Took, { summary }),
      execution && h(StepCounts, { execution }),
      h('code', { title: arn }, name),
    ),
    execution && h(Outcome, { execution }),
    execution && h(Omitted, { detail: execution.detail }),
  ];
}

function StepCounts({ execution: { steps } }: { execution: ExecutionData }) {
  const states = new Set(steps.map(({ name }) => name)).size;
  const retries = steps.reduce((sum, { attempts }) => sum + attempts - 1, 0);
  return h(
    'span',
    null,
    plural(states, 'state'),
    steps.length > states && `, ${plural(steps.length, 'visit')}`,
    retries > 0 && [', ', h('b', null, retriesText(retries))],
  );
}

function Omitted({ detail: { omitted, events } }: { detail: ExecutionDetail }) {
  if (omitted === undefined) return null;
  return h(
    'p',
    { class: 'banner wait' },
    omitted === 'data'
      ? 'This execution is large: later events are shown without their data.'
      : `This execution is large: only its first ${plural(events, 'event')} are shown.`,
  );
}

function Took({ summary: { startDate, stopDate } }: { summary: ExecutionSummary }) {
  const now = useNow(stopDate === undefined);
  const until = stopDate === undefined ? now : Date.parse(stopDate);
  const took = h('b', null, duration(Math.max(0, until - Date.parse(startDate))));
  return h('span', null, stopDate === undefined ? 'Running for ' : 'Took ', took);
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
        key: 'stop',
        label: 'Stop…',
        title: 'Stop the execution',
        field: 'Reason (states that have ended are not undone)',
        initial: () => '',
        rows: 2,
        action: 'Stop',
        submit: async (cause) => {
          await postJson(`${executionPath(arn)}/stop`, cause === '' ? {} : { cause });
        },
      }),
    h(CopyButton, { key: 'arn', label: 'Copy ARN', text: arn }),
    service &&
      h(CopyButton, {
        key: 'cli',
        label: 'Copy as AWS CLI',
        text: cliOf(detail, service.stepFunctionsUrl),
      }),
    h(
      'a',
      { key: 'history', class: 'button', href: `${executionPath(arn)}/history`, download: '' },
      'Download history',
    ),
    h(DialogButton, {
      key: 'again',
      label: 'Start again…',
      isPrimary: true,
      title: `Start ${detail.stateMachine} again`,
      field: 'Input',
      initial: () => indented(input),
      rows: 16,
      action: 'Start',
      submit: async (edited) => {
        const started = await postJson<{ arn: string }>('/api/executions', {
          stateMachineArn,
          input: edited,
        });
        location.hash = executionHref(started.arn);
      },
    }),
  ];
}

/** Returns a command to paste. The CLI requires credentials, which local AWS does not check. */
function cliOf({ type, stateMachineArn, input }: ExecutionDetail, url: string): string {
  const operation = type === 'EXPRESS' ? 'start-sync-execution' : 'start-execution';
  const environment = [
    'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1',
    // Otherwise the CLI puts `sync-` in front of the host.
    ...(type === 'EXPRESS' ? ['AWS_DISABLE_HOST_PREFIX_INJECTION=true'] : []),
  ].join(' ');
  return `${environment} aws stepfunctions ${operation} --endpoint-url ${url} --state-machine-arn ${stateMachineArn} --input ${shellQuoted(input)}`;
}
