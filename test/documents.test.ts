import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser } from '../src/gateway/new-user.ts';
import { plottedReadme } from './bench/plot.ts';
import { type RunningApp, startApp } from './support/app.ts';
import { anchorsOf, type Document, documents } from './support/documents.ts';

const root = new URL('../', import.meta.url);
const exists = (path: string) => existsSync(new URL(path, root));

let app: RunningApp;
beforeAll(async () => {
  app = await startApp('http://127.0.0.1:9');
});
afterAll(() => app.close());

/** The mentions of one kind in all documents that are wrong, each after the path of its document. */
function wrongMentions(
  find: (document: Document) => readonly string[],
  isWrong: (mention: string, document: Document) => unknown,
): string[] {
  const mentions = documents.flatMap((document) =>
    find(document).map((mention) => ({ document, mention })),
  );
  expect(mentions.length).toBeGreaterThan(10);
  return mentions
    .filter(({ document, mention }) => isWrong(mention, document))
    .map(({ document, mention }) => `${document.path}: ${mention}`);
}

test('every link points to a file and heading that exist', () => {
  const broken = wrongMentions(
    ({ prose }) =>
      [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
        .map(([, link, source]) => link ?? source ?? '')
        .filter((link) => !/^[a-z]+:/.test(link)),
    (link, document) => {
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? document.path : posix.join(posix.dirname(document.path), file);
      const target = documents.find((each) => each.path === path);
      return !exists(path) || (anchor && !(target && anchorsOf(target).includes(anchor)));
    },
  );
  expect(broken).toEqual([]);
});

test('every file and folder named in a document exists', () => {
  const isPath = /^(?!\/|@|\.env$)[\w./@*-]*(?:\/|\.(?:ts|md|yaml|json|env|css|mjs))$/;
  const isOurs = /^(?:src|test|config|\.ci|\.github)\//;
  const missing = wrongMentions(
    ({ code }) =>
      code.filter((span) => isOurs.test(span) || (span.includes('/') && isPath.test(span))),
    (span, { path }) => {
      const places = ['.', posix.dirname(path), 'src'].map((place) => posix.join(place, span));
      return !places.some((place) => globSync(place, { cwd: root }).length > 0);
    },
  );
  expect(missing).toEqual([]);
});

test('every npm script named in a document exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const missing = wrongMentions(
    ({ text }) =>
      [...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, script = '']) => script),
    (script) => !(script in scripts),
  );
  expect(missing).toEqual([]);
});

test('every route named in a document exists, with its method', async () => {
  const missing: string[] = [];
  let routes = 0;
  for (const { path, code } of documents) {
    for (const span of code) {
      const route = /^(?:(?<method>GET|POST) )?(?<url>\/[a-z][\w/{}.-]*)(?:\?|$)/.exec(
        span,
      )?.groups;
      if (!route?.url || route.url === newUser.path || route.url.startsWith('/.')) continue;
      routes += 1;
      const allowed = await methodsOf(route.url);
      if (!allowed.includes(route.method ?? 'GET')) missing.push(`${path}: ${span}`);
    }
  }
  expect(routes).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});

/** The methods in `Allow` of the 405 to PATCH, which no route has; without a 405, whether GET works. */
async function methodsOf(url: string): Promise<string[]> {
  const { statusCode, headers } = await app.app.inject({ method: 'PATCH', url });
  if (statusCode === 405) return String(headers.allow).split(', ');
  const { statusCode: status } = await app.app.inject({ method: 'GET', url });
  return status < 400 ? ['GET'] : [];
}

test('src/onboarding/README.md describes every operation and problem of the API', async () => {
  const api = documents.find(({ path }) => path === 'src/onboarding/README.md');
  const { paths } = app.app.swagger();
  const own = Object.entries(paths ?? {}).filter(([path]) => /onboarding/.test(path));
  const operations = own.flatMap(([path, item]) =>
    Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(operations.length).toBeGreaterThan(5);
  for (const operation of operations) expect(api?.prose).toContain(`\`${operation}`);

  const documented = new Set(JSON.stringify(paths).match(/\/problems\/[a-z-]+/g));
  const described = new Set(api?.prose.match(/\/problems\/[a-z-]+/g));
  expect(documented.difference(described)).toEqual(new Set());
});

test('config/README.md describes every metric', async () => {
  const { body } = await app.app.inject('/metrics');
  const own = [...body.matchAll(/^# TYPE (?!nodejs_|process_)(\w+)/gm)].map(
    ([, name = '']) => name,
  );
  const described = documents.find(({ path }) => path === 'config/README.md')?.code;
  expect(own.filter((name) => !described?.includes(name))).toEqual([]);
  expect(own.length).toBeGreaterThan(10);
});

test('the plot of the benchmark shows its table (npm run docs:benchmark writes it)', () => {
  const { file, text } = plottedReadme();
  expect(readFileSync(file, 'utf8')).toBe(text);
});
