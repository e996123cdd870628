import { useEffect, useState } from 'preact/hooks';

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

/** Returns the route, and a function that replaces it without a new entry in the history. */
export function useRoute(): readonly [Route, (href: string) => void] {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const follow = () => {
      setRoute(routeOf(location.hash));
      scrollTo(0, 0);
      // Moves the focus to the content, as the load of a new page would.
      document.querySelector('main')?.focus({ preventScroll: true });
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const replace = (href: string) => {
    setRoute(routeOf(href));
    history.replaceState(null, '', href);
  };
  return [route, replace];
}

export const executionHref = (arn: string) => `#/executions/${encodeURIComponent(arn)}`;

/** Returns the link to the filtered list of executions. Empty values are left out. */
export function executionsHref(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  return query.size === 0 ? '#/' : `#/?${query}`;
}
