import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

/** That one file takes something of another file, by its path, or of a package, by its name. */
interface Import {
  readonly from: string;
  readonly to: string;
  /** `import type` is gone when the program runs. */
  readonly isOfTypes: boolean;
  /** `import()`: what is not there is missed only where the program gets that far. */
  readonly isOnDemand: boolean;
}

const root = new URL('../', import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, root), 'utf8');
const files = globSync('src/**/*.ts', { cwd: root, exclude: ['**/*.d.ts'] });
const imports = files.flatMap(importsOf);
const { dependencies, peerDependencies, peerDependenciesMeta, devDependencies } = JSON.parse(
  textOf('package.json'),
);

function importsOf(from: string): Import[] {
  const text = textOf(from);
  const declared = text.matchAll(
    /^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<target>[^']+)'/gm,
  );
  const dynamic = text.matchAll(/\bimport\('(?<target>[^']+)'\)/g);
  const importOf = (isOnDemand: boolean) => (match: RegExpExecArray) => ({
    from,
    to: resolve(from, match.groups?.target ?? ''),
    isOfTypes: match.groups?.type !== undefined,
    isOnDemand,
  });
  return [...declared.map(importOf(false)), ...dynamic.map(importOf(true))];
}

function resolve(from: string, target: string): string {
  if (target.startsWith('.')) return posix.join(posix.dirname(from), target);
  // `@scope/name/path` is of the package `@scope/name`, `name/path` of `name`.
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** All that is loaded when the file is started, files and packages. */
const loadedBy = (entry: string) => reachedFrom(entry, ({ isOfTypes }) => !isOfTypes);

function reachedFrom(entry: string, follows: (each: Import) => boolean): ReadonlySet<string> {
  const loaded = new Set([entry]);
  // A set grows while it is gone through.
  for (const file of loaded) {
    for (const each of imports) {
      if (each.from === file && follows(each) && !isOptional(each)) loaded.add(each.to);
    }
  }
  return loaded;
}

const isFile = (target: string) => target.startsWith('src/');
/** OpenTelemetry is installed by those who want it, and all that needs it is behind this import. */
const openTelemetry = 'src/tracing/open-telemetry.ts';
const isOptional = ({ to, isOnDemand }: Import) => to === openTelemetry && isOnDemand;
/** Each Lambda function is a program of its own beside the service. */
const functions = files.filter((file) => posix.dirname(file) === 'src/functions');
const production = new Set(['src/main.ts', ...functions].flatMap((entry) => [...loadedBy(entry)]));
const told = ({ from, to }: Import) => `${from} imports ${to}`;

test('every import of a file is understood', () => {
  const known = new Set(files);
  expect(imports.filter(({ to }) => isFile(to) && !known.has(to)).map(told)).toEqual([]);
  expect(production).toContain('src/onboarding/routes.ts');
  expect(production).toContain('@aws-sdk/client-sfn');
});

test('production loads nothing of local AWS, of the deployment and of the workflow', () => {
  expect(
    [...production].filter((file) => /^src\/(local-aws|deploy|workflow)\//.test(file)),
  ).toEqual([]);
});

test('production loads its dependencies, all of them and nothing else', () => {
  const packages = [...production].filter(
    (name) => !isFile(name) && !name.startsWith('node:') && name !== 'package.json',
  );
  expect(packages.toSorted()).toEqual(Object.keys(dependencies).toSorted());
});

test('OpenTelemetry is an optional peer, in the versions that are tested', () => {
  const packages = [...loadedBy(openTelemetry)].filter((name) =>
    name.startsWith('@opentelemetry/'),
  );
  expect(Object.keys(peerDependencies).toSorted()).toEqual(packages.toSorted());
  expect(devDependencies).toMatchObject(peerDependencies);
  expect(Object.keys(peerDependenciesMeta)).toEqual(Object.keys(peerDependencies));
  expect(Object.values(peerDependenciesMeta)).toEqual(packages.map(() => ({ optional: true })));
});

test('only src/step-functions knows the client of Step Functions; local AWS its types', () => {
  const strangers = imports.filter(
    ({ from, to, isOfTypes }) =>
      to === '@aws-sdk/client-sfn' &&
      !from.startsWith('src/step-functions/') &&
      !(from.startsWith('src/local-aws/') && isOfTypes),
  );
  expect(strangers.map(told)).toEqual([]);
});

test('the service loads no function', () => {
  expect([...loadedBy('src/main.ts')].filter((file) => file.startsWith('src/functions/'))).toEqual(
    [],
  );
});

test('src/http knows nothing of what it serves', () => {
  const beyond = imports.filter(
    ({ from, to }) => from.startsWith('src/http/') && isFile(to) && !to.startsWith('src/http/'),
  );
  // Time, and how a variable's text is read, are of no application.
  const common = ['src/clock.ts', 'src/variables.ts'];
  expect(beyond.filter(({ to }) => !common.includes(to)).map(told)).toEqual([]);
});

test('src/http names nothing of what it serves', () => {
  const application = /onboard|execution|workflow|step.?functions|idempot|state.?machine|\barn\b/i;
  const named = files.filter(
    (file) => file.startsWith('src/http/') && application.test(textOf(file)),
  );
  expect(named).toEqual([]);
});

test('src/step-functions knows nothing of requests and responses', () => {
  const above = imports.filter(
    ({ from, to }) =>
      from.startsWith('src/step-functions/') && /^src\/(http|onboarding)\//.test(to),
  );
  expect(above.map(told)).toEqual([]);
});

test('only clients.ts depends on the fast client, so that it can be deleted', () => {
  const dependents = imports.filter(
    ({ from, to }) =>
      /\/fast-client\//.test(to) &&
      !/\/fast-client\//.test(from) &&
      from !== 'src/step-functions/clients.ts',
  );
  expect(dependents.map(told)).toEqual([]);
});

test('no file imports itself by way of others, types included', () => {
  const loops = files.filter((file) =>
    imports.some(({ from, to }) => from === file && reachedFrom(to, () => true).has(file)),
  );
  expect(loops).toEqual([]);
});

// A function has an environment of its own: the service's settings are not there to be read.
test('the environment is read where settings are, and where local AWS makes one', () => {
  const readers = files.filter((file) => /process\s*\.\s*env\b|node:process/.test(textOf(file)));
  expect(readers.toSorted()).toEqual([
    'src/functions/statuses/settings.ts',
    'src/local-aws/main.ts',
    'src/local-aws/precompile.ts',
    'src/settings.ts',
  ]);
});

test('the image starts the service as npm start does', () => {
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(textOf('Dockerfile')) ?? [];
  expect(`exec ${JSON.parse(command).join(' ')}`).toBe(
    JSON.parse(textOf('package.json')).scripts.start,
  );
});

test('the image leaves out nothing that it starts', () => {
  const left = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('src/'));
  expect(left).toContain('src/local-aws');
  const started = ['src/main.ts', 'src/check-readiness.ts', openTelemetry].flatMap((entry) => [
    ...loadedBy(entry),
  ]);
  expect(started.filter((file) => left.some((folder) => file.startsWith(`${folder}/`)))).toEqual(
    [],
  );
});

test('the image has the Node that is tested', () => {
  const [, version] = /^ARG NODE_IMAGE=node:([\d.]+)-/m.exec(textOf('Dockerfile')) ?? [];
  expect(version).toBe(devDependencies.node);
});
