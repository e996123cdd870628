import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The fragment of the URL: `#/executions/<arn>` or `#/?machine=user-onboarding`. */
export interface Route {
  readonly page: string;
  readonly rest: string | undefined;
  readonly query: URLSearchParams;
}

function routeOf(fragment: string): Route {
  const [path = '', query] = fragment.replace(/^#\/?/, '').split('?', 2);
  const [page = '', rest] = path.split('/').map(decoded);
  return { page, rest, query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What the way back restores on a page that was left. */
interface Left {
  /** In pixels from the top. */
  readonly scroll: number;
  /** The `href` of the focused link. */
  readonly link: string | null | undefined;
}

/** Returns the id of the current entry of the browser's history, a new one for a new entry. */
function entryId(): string {
  const id: string = history.state?.id ?? crypto.randomUUID();
  history.replaceState({ id }, '');
  return id;
}

/** Returns the route, and a function that replaces it without a new entry in the history. */
export function useRoute(): readonly [Route, (href: string) => void] {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  const [entry, setEntry] = useState(entryId);
  const left = useRef(new Map<string, Left>());
  useEffect(() => {
    // The browser would scroll before the page that it returns to is shown.
    history.scrollRestoration = 'manual';
    let current = entry;
    const follow = () => {
      const link = document.activeElement?.getAttribute('href');
      left.current.set(current, { scroll: scrollY, link });
      current = entryId();
      setRoute(routeOf(location.hash));
      setEntry(current);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useLayoutEffect(() => {
    if (left.current.size === 0) return;
    const { scroll, link } = left.current.get(entry) ?? { scroll: 0, link: undefined };
    // Moves the focus to the content, as the load of a new page would, or to the link that was followed.
    const main = document.querySelector('main');
    const followed = link && main?.querySelector<HTMLElement>(`a[href="${CSS.escape(link)}"]`);
    (followed || main)?.focus({ preventScroll: true });
    scrollTo(0, scroll);
  }, [entry]);
  const replace = (href: string) => {
    setRoute(routeOf(href));
    history.replaceState(history.state, '', href);
  };
  return [route, replace];
}

export const executionHref = (arn: string) => `#/executions/${encodeURIComponent(arn)}`;

/** Returns the link to the filtered list of executions. Empty values are left out. */
export function executionsHref(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  return query.size === 0 ? '#/' : `#/?${query}`;
}
