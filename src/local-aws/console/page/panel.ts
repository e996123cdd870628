import { type ComponentChild, type ComponentChildren, h } from 'preact';

interface PanelProps {
  /** The name for screen readers, and the title unless there is another. */
  readonly label: string;
  readonly title?: ComponentChild;
  /** Facts or controls beside the title. */
  readonly aside?: ComponentChild;
  readonly class?: string;
  readonly isBusy?: boolean;
  readonly children?: ComponentChildren;
}

/** A section with a title. */
export function Panel({ label, title, aside, class: name, isBusy, children }: PanelProps) {
  return h(
    'section',
    { class: name, 'aria-label': label, 'aria-busy': isBusy },
    h('header', null, h('h2', null, title ?? label), aside && h('small', null, aside)),
    children,
  );
}
