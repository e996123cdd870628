import { h } from 'preact';
import type { Exchange } from '../view.ts';
import { CopyButton } from './copy-button.ts';
import { duration } from './format.ts';
import { JsonView } from './json-view.ts';
import { executionHref } from './route.ts';
import { shellQuoted } from './shell.ts';

/** A request and its response, unchanged. */
export function ExchangeView({ exchange }: { exchange: Exchange }) {
  const { method, url, status, headers, body, milliseconds } = exchange;
  const arn = executionArnIn(body);
  const isGood = status < 400;
  return h(
    'div',
    { class: 'exchange' },
    h(
      'p',
      null,
      h(
        'span',
        { class: isGood ? 'chip ok' : 'chip bad' },
        h('span', { 'aria-hidden': true }, isGood ? '✓' : '✕'),
        status,
      ),
      ` in ${duration(milliseconds)}, ${method} ${new URL(url).pathname}`,
    ),
    h(
      'div',
      { class: 'buttons' },
      arn && h('a', { class: 'button primary', href: executionHref(arn) }, 'See the execution'),
      h(CopyButton, { label: 'Copy as curl', text: curlOf(exchange) }),
    ),
    h(JsonView, { text: body, label: 'Response body' }),
    h(
      'details',
      null,
      h('summary', null, 'Request and headers'),
      h('pre', { tabIndex: 0, role: 'group', 'aria-label': 'Request' }, curlOf(exchange)),
      h(
        'pre',
        { tabIndex: 0, role: 'group', 'aria-label': 'Response headers' },
        Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`),
      ),
    ),
  );
}

function executionArnIn(body: string): string | undefined {
  try {
    const { executionArn } = JSON.parse(body);
    return typeof executionArn === 'string' ? executionArn : undefined;
  } catch {
    return undefined;
  }
}

function curlOf({ url, requestHeaders, requestBody }: Exchange): string {
  const headers = Object.entries(requestHeaders).map(
    ([name, value]) => `-H ${shellQuoted(`${name}: ${value}`)}`,
  );
  return ['curl -i', shellQuoted(url), ...headers, '-d', shellQuoted(requestBody)].join(' ');
}
