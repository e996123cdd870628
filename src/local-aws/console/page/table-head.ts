import { h } from 'preact';

export function TableHead({ columns }: { columns: readonly string[] }) {
  return h(
    'thead',
    null,
    h(
      'tr',
      null,
      columns.map((name) => h('th', { scope: 'col' }, name)),
    ),
  );
}
