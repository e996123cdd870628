import { useEffect, useState } from 'preact/hooks';

/** The fragment of the URL: `#/executions/<arn>` or `#/?machine=user-onboarding`. */
export interface Route {
  readonly page: string;
  readonly rest: string | undefined;
  readonly query: URLSearchParams;
}

function readRoute(): Route {
  const [path = '', query] = location.hash.replace(/^#\/?/, '').split('?', 2);
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

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = () => {
      setRoute(readRoute());
      scrollTo(0, 0);
      // Moves the focus to the content, as the load of a new page would.
      document.querySelector('main')?.focus();
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

export const executionHref = (arn: string) => `#/executions/${encodeURIComponent(arn)}`;

/** Returns the link to the filtered list of executions. Empty values are left out. */
export function executionsHref(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  return query.size === 0 ? '#/' : `#/?${query}`;
}
