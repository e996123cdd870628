import { type ComponentChild, h } from 'preact';
import { useId, useState } from 'preact/hooks';

export interface Tab {
  readonly title: string;
  readonly content: ComponentChild;
}

/** Tabs, one panel visible. Left and right move between them, as the ARIA practices have it. */
export function Tabs({ tabs }: { tabs: readonly Tab[] }) {
  const id = useId();
  const [title, setTitle] = useState<string>();
  const current = tabs.find((tab) => tab.title === title) ?? tabs[0];
  if (current === undefined) return null;
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length];
    setTitle(next?.title);
    document.getElementById(`${id}-${next?.title}`)?.focus();
  };
  return [
    h(
      'div',
      { class: 'tabs', role: 'tablist', onKeyDown: move },
      tabs.map((tab) =>
        h(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: `${id}-${tab.title}`,
            'aria-selected': tab === current,
            'aria-controls': `${id}-panel`,
            tabIndex: tab === current ? 0 : -1,
            onClick: () => setTitle(tab.title),
          },
          tab.title,
        ),
      ),
    ),
    h(
      'div',
      { role: 'tabpanel', id: `${id}-panel`, 'aria-labelledby': `${id}-${current.title}` },
      current.content,
    ),
  ];
}
