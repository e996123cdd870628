import { type ComponentChild, h } from 'preact';
import { useState } from 'preact/hooks';

interface ExpandableRowProps {
  /** The text of the button that shows and hides the content. */
  readonly label: ComponentChild;
  /** Shown below the label. */
  readonly sub?: ComponentChild;
  readonly before?: ComponentChild;
  readonly cells: readonly ComponentChild[];
  readonly columns: number;
  /** Called only while the row is open. */
  readonly content: () => ComponentChild;
}

/** A row of a table that expands to show more content below it. */
export function ExpandableRow(props: ExpandableRowProps) {
  const { label, sub, before, cells, columns, content } = props;
  const [isOpen, setOpen] = useState(false);
  return [
    h(
      'tr',
      { class: isOpen ? 'open' : undefined },
      before,
      h(
        'td',
        null,
        h(
          'button',
          {
            type: 'button',
            class: 'expand',
            'aria-expanded': isOpen,
            onClick: () => setOpen(!isOpen),
          },
          h('span', { class: 'arrow', 'aria-hidden': true }, isOpen ? '▾' : '▸'),
          label,
        ),
        sub,
      ),
      cells.map((cell) => h('td', null, cell)),
    ),
    isOpen && h('tr', { class: 'more-of' }, h('td', { colSpan: columns }, content())),
  ];
}
