import { h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Collection } from '../view.ts';
import { getJson } from './api.ts';
import { plural } from './format.ts';
import { JsonView } from './json-view.ts';

const texts = {
  tables: {
    title: 'Tables',
    about: 'What is in local DynamoDB.',
    noun: 'item',
    empty: 'Nothing is here yet.',
  },
  queues: {
    title: 'Queues',
    about: 'What is in local SQS. Messages are looked at, not received.',
    noun: 'message',
    empty: 'No messages.',
  },
};

/** The tables or the queues, read again whenever an execution moves. */
export function CollectionsPage({ kind, changes }: { kind: 'tables' | 'queues'; changes: number }) {
  const [collections, setCollections] = useState<readonly Collection[]>([]);
  const [failure, setFailure] = useState('');
  useEffect(() => {
    getJson<Collection[]>(`/api/${kind}`).then(
      (read) => {
        setCollections(read);
        setFailure('');
      },
      (error) => setFailure(String(error.message)),
    );
  }, [kind, changes]);
  const { title, about, noun, empty } = texts[kind];
  return [
    h('h1', null, title),
    h('p', { class: 'facts' }, about),
    failure && h('p', { class: 'error', role: 'alert' }, failure),
    h(
      'div',
      { class: 'stack' },
      collections.map(({ name, items, isCut }) =>
        h(
          'section',
          { key: name, 'aria-label': name },
          h(
            'h2',
            null,
            h('code', null, name),
            h('small', null, isCut ? `the first ${items.length}` : plural(items.length, noun)),
          ),
          items.length === 0
            ? h('p', { class: 'empty' }, empty)
            : h(
                'ul',
                { class: 'items' },
                items.map((item) =>
                  h(
                    'li',
                    null,
                    h(
                      'details',
                      null,
                      h('summary', null, firstLine(item)),
                      h(JsonView, { text: JSON.stringify(item) }),
                    ),
                  ),
                ),
              ),
        ),
      ),
    ),
  ];
}

const preferred = ['userId', 'name', 'email', 'status', 'createdDate', 'body', 'state'];

/** The members that say most, on one line. */
function firstLine(item: Readonly<Record<string, unknown>>): string {
  const known = preferred.filter((member) => typeof item[member] === 'string');
  const members = known.length > 0 ? known : Object.keys(item).slice(0, 3);
  return members.map((member) => String(item[member])).join(' · ');
}
