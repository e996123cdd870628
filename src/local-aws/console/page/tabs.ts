import { type ComponentChild, h } from 'preact';
import { useId } from 'preact/hooks';

export interface Tab {
  readonly title: string;
  readonly content: ComponentChild;
}

interface TabsProps {
  readonly tabs: readonly Tab[];
  /** The title of the visible tab. The first tab is visible if there is no tab of this title. */
  readonly chosen: string | undefined;
  readonly choose: (title: string) => void;
}

/** Tabs with one visible panel. The arrow keys move between them, as the ARIA practices require. */
export function Tabs({ tabs, chosen, choose }: TabsProps) {
  const id = useId();
  const current = tabs.find(({ title }) => title === chosen) ?? tabs[0];
  if (current === undefined) return null;
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = by && tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length];
    if (!next) return;
    choose(next.title);
    document.getElementById(`${id}-${next.title}`)?.focus();
  };
  return [
    h(
      'div',
      { class: 'tabs', role: 'tablist', onKeyDown: move },
      tabs.map((tab) =>
        h(
          'button',
          {
            key: tab.title,
            type: 'button',
            role: 'tab',
            id: `${id}-${tab.title}`,
            'aria-selected': tab === current,
            'aria-controls': `${id}-panel`,
            tabIndex: tab === current ? 0 : -1,
            onClick: () => choose(tab.title),
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
