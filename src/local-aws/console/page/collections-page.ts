import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Collection } from '../view.ts';
import { getJson } from './api.ts';
import { CollectionTable } from './collection-table.ts';
import { plural } from './format.ts';
import type { LiveExecutions } from './live.ts';

export const collectionPages = {
  users: {
    title: 'Users',
    about: 'What the workflow saved in local DynamoDB, newest first.',
    noun: 'item',
    empty: 'Nothing is saved yet. Onboard a user to see one here.',
    /** The members that say most of an item. */
    members: ['userId', 'name', 'email', 'metadata', 'createdDate'],
  },
  messages: {
    title: 'Messages',
    about: 'What is in the queues of local SQS. Looking at messages does not receive them.',
    noun: 'message',
    empty: 'No messages.',
    members: ['body', 'state', 'approximateReceiveCount', 'sentTimestamp'],
  },
  statuses: {
    title: 'Statuses',
    about:
      'The table that Step Functions pushes every change to, and that the service reads statuses from.',
    noun: 'item',
    empty: 'Nothing has run as a Standard execution yet.',
    members: ['trackingId', 'status', 'error', 'startDate', 'stopDate'],
  },
};

/** Reading everything again at each of a thousand changes would be in the way of what changes. */
const pauseMilliseconds = 500;

interface CollectionsPageProps {
  readonly kind: keyof typeof collectionPages;
  readonly live: LiveExecutions;
}

/** Tables or queues, read again when executions move. */
export function CollectionsPage({ kind, live }: CollectionsPageProps) {
  const [collections, setCollections] = useState<readonly Collection[]>();
  const [failure, setFailure] = useState('');
  const [text, setText] = useState('');
  const isFirst = collections === undefined;
  useEffect(() => {
    const read = () =>
      getJson<Collection[]>(`/api/${kind}`).then(
        (read) => {
          setCollections(read);
          setFailure('');
        },
        (error) => setFailure(String(error.message)),
      );
    const timer = setTimeout(read, isFirst ? 0 : pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [kind, live.changes]);
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
      collections?.map(({ name, items, isCut }) => {
        const found =
          wanted === ''
            ? items
            : items.filter((item) => JSON.stringify(item).toLowerCase().includes(wanted));
        return h(
          'section',
          { key: name, 'aria-label': name },
          h(
            'h2',
            null,
            h('code', null, name),
            h('small', null, isCut ? `${items.length} of more` : plural(items.length, noun)),
          ),
          found.length === 0
            ? h('p', { class: 'empty' }, items.length === 0 ? empty : 'Nothing matches.')
            : h(CollectionTable, { items: found, preferred: members, byArn: live.byArn }),
        );
      }),
    ),
  ];
}
