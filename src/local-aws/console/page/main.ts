import { h, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CollectionsPage } from './collections-page.ts';
import { ExecutionPage } from './execution-page.ts';
import { ExecutionsPage } from './executions-page.ts';
import { useLiveExecutions } from './live.ts';
import { OnboardingPage } from './onboarding-page.ts';
import { useService } from './service.ts';

const pages = [
  { path: '', title: 'Executions' },
  { path: 'new', title: 'New onboarding' },
  { path: 'tables', title: 'Tables' },
  { path: 'queues', title: 'Queues' },
];

/** The path is what follows `#/`, as in `#/executions/<arn>`. */
function usePath(): readonly string[] {
  const read = () => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const [path, setPath] = useState(read);
  useEffect(() => {
    const follow = () => {
      setPath(read());
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return path;
}

function App() {
  const [page = '', ...rest] = usePath();
  const live = useLiveExecutions();
  const service = useService();
  const title = pages.find(({ path }) => path === page)?.title ?? 'Execution';
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
          h('a', { href: `#/${path}`, 'aria-current': path === page ? 'page' : undefined }, title),
        ),
      ),
      h(
        'span',
        { class: 'live', role: 'status' },
        h('span', { class: live.isConnected ? 'dot' : 'dot off', 'aria-hidden': true }),
        live.isConnected ? 'live' : 'not connected: is npm run dev still running?',
        service &&
          h('a', { href: `${service.url}/docs` }, `service at ${new URL(service.url).host}`),
      ),
    ),
    h(
      'main',
      null,
      page === 'executions' && rest[0] !== undefined
        ? h(ExecutionPage, {
            key: rest[0],
            arn: rest[0],
            summary: live.byArn.get(rest[0]),
            service,
          })
        : page === 'new'
          ? h(OnboardingPage, { service })
          : page === 'tables' || page === 'queues'
            ? h(CollectionsPage, { key: page, kind: page, changes: live.changes })
            : h(ExecutionsPage, { live, service }),
    ),
  ];
}

render(h(App, null), document.body);
