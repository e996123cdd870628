import { type ComponentChild, h, render } from 'preact';
import { useEffect } from 'preact/hooks';
import { CollectionsPage, collectionPages } from './collections-page.ts';
import { ExecutionPage } from './execution-page.ts';
import { ExecutionsPage } from './executions-page.ts';
import { type LiveExecutions, useLiveExecutions } from './live.ts';
import { OnboardingPage } from './onboarding-page.ts';
import { type Route, useRoute } from './route.ts';
import { type Service, useService } from './service.ts';

const pages = [
  { path: '', title: 'Executions' },
  { path: 'new', title: 'New onboarding' },
  ...Object.entries(collectionPages).map(([path, { title }]) => ({ path, title })),
];

function App() {
  const [route, replace] = useRoute();
  const live = useLiveExecutions();
  const service = useService(live.isConnected);
  const shown = pages.find(({ path }) => path === route.page);
  const execution = live.byArn.get(route.rest ?? '');
  const title = shown?.title ?? execution?.userId ?? execution?.name ?? 'Execution';
  useEffect(() => {
    document.title = `${title} · Local AWS`;
  }, [title]);
  return [
    h(
      'header',
      { class: 'top' },
      h('a', { class: 'brand', href: '#/' }, 'Local AWS'),
      h(
        'nav',
        { 'aria-label': 'Pages' },
        pages.map(({ path, title }) =>
          h(
            'a',
            {
              href: `#/${path}`,
              'aria-current':
                path === route.page
                  ? 'page'
                  : path === '' && shown === undefined
                    ? true
                    : undefined,
            },
            title,
          ),
        ),
      ),
      h(Connection, { isConnected: live.isConnected, service }),
    ),
    h('main', { tabIndex: -1 }, contentOf(route, replace, live, service)),
  ];
}

function contentOf(
  { page, rest, query }: Route,
  replace: (href: string) => void,
  live: LiveExecutions,
  service: Service | undefined,
): ComponentChild {
  if (page === 'executions' && rest !== undefined) {
    const summary = live.byArn.get(rest);
    return h(ExecutionPage, { key: rest, arn: rest, summary, service });
  }
  if (page === 'new') return h(OnboardingPage, { service });
  if (page === 'users' || page === 'messages' || page === 'statuses') {
    return h(CollectionsPage, { key: page, kind: page, live });
  }
  return h(ExecutionsPage, { query, replace, live, service });
}

interface ConnectionProps {
  readonly isConnected: boolean;
  readonly service: Service | undefined;
}

function Connection({ isConnected, service }: ConnectionProps) {
  return h(
    'span',
    { class: 'live' },
    h(
      'span',
      { role: 'status' },
      h('span', { class: isConnected ? 'dot' : 'dot off', 'aria-hidden': true }),
      isConnected ? 'live' : 'not connected: is npm run dev still running?',
    ),
    service && [
      h('span', null, `service at ${new URL(service.url).host}`),
      h('a', { href: `${service.url}/docs` }, 'API docs'),
    ],
  );
}

render(h(App, null), document.body);
