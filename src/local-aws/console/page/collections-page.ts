import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { Collection } from '../view.ts';
import { CollectionTable } from './collection-table.ts';
import { plural } from './format.ts';
import type { LiveExecutions } from './live.ts';
import { Panel } from './panel.ts';
import { useJson } from './use-json.ts';
import { useThrottled } from './use-throttled.ts';

export const collectionPages = {
  users: {
    title: 'Users',
    about: 'The items that the workflow has saved in local DynamoDB, newest first.',
    noun: 'item',
    empty: 'No items yet. Onboard a user to see one here.',
    /** The members that the table shows as columns. */
    members: ['userId', 'name', 'email', 'metadata', 'createdDate'],
  },
  messages: {
    title: 'Messages',
    about:
      'The messages in the queues of local SQS. The workflow sends one for each onboarded user. Viewing them here does not receive them.',
    noun: 'message',
    empty: 'No messages.',
    members: ['body', 'state', 'approximateReceiveCount', 'sentTimestamp'],
  },
  statuses: {
    title: 'Statuses',
    about:
      'The status table. Every status change of a Standard execution is pushed to it, and the service reads statuses from it.',
    noun: 'item',
    empty: 'No Standard execution of the workflow has run yet.',
    members: ['trackingId', 'status', 'error', 'startDate', 'stopDate'],
  },
};

/** Changes within this time cause one read. Reading everything at each change would be too much. */
const pauseMilliseconds = 500;

interface CollectionsPageProps {
  readonly kind: keyof typeof collectionPages;
  readonly live: LiveExecutions;
}

/** The page of tables or queues. It reads them again when executions change. */
export function CollectionsPage({ kind, live }: CollectionsPageProps) {
  const [text, setText] = useState('');
  const version = useThrottled(live.changes, pauseMilliseconds);
  const { read, failure } = useJson<readonly Collection[]>(`/api/${kind}`, version);
  const { title, about, noun, empty, members } = collectionPages[kind];
  const wanted = text.trim().toLowerCase();
  return [
    h('h1', null, title),
    h('p', { class: 'facts' }, about),
    failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
    h('input', {
      type: 'search',
      class: 'search',
      placeholder: 'Search',
      'aria-label': `Search ${title.toLowerCase()}`,
      value: text,
      onInput: ({ currentTarget }) => setText(currentTarget.value),
    }),
    h(
      'div',
      { class: 'stack' },
      read?.value.map(({ name, items, isTruncated }) => {
        const found =
          wanted === ''
            ? items
            : items.filter((item) => JSON.stringify(item).toLowerCase().includes(wanted));
        return h(
          Panel,
          {
            key: name,
            label: name,
            title: h('code', null, name),
            aside: `${isTruncated ? 'first ' : ''}${plural(items.length, noun)}`,
          },
          found.length === 0
            ? h('p', { class: 'empty' }, items.length === 0 ? empty : `No ${noun} matches.`)
            : h(CollectionTable, { items: found, preferred: members, byArn: live.byArn }),
        );
      }),
    ),
  ];
}
