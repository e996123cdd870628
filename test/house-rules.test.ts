import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

/** An import by a file, of another file (its path) or a package (its name). */
interface Import {
  readonly from: string;
  readonly to: string;
  /** `import type`, which does not exist at run time. */
  readonly isOfTypes: boolean;
  /** `import()`, which loads only when it runs. */
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
  // `@scope/name/path` belongs to the package `@scope/name`, `name/path` to `name`.
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** All files and packages that load when Node runs the file. */
const loadedBy = (entry: string) => reachedFrom(entry, ({ isOfTypes }) => !isOfTypes);

function reachedFrom(entry: string, follows: (each: Import) => boolean): ReadonlySet<string> {
  const loaded = new Set([entry]);
  // The loop also visits what is added meanwhile.
  for (const file of loaded) {
    for (const each of imports) {
      if (each.from === file && follows(each) && !isOptional(each)) loaded.add(each.to);
    }
  }
  return loaded;
}

const isFile = (target: string) => target.startsWith('src/');
/** OpenTelemetry is optional: only this file, imported on demand, loads it. */
const openTelemetry = 'src/tracing/open-telemetry.ts';
const isOptional = ({ to, isOnDemand }: Import) => to === openTelemetry && isOnDemand;
/** The entry points of the Lambda functions. */
const functions = files.filter((file) => posix.dirname(file) === 'src/functions');
const production = new Set(['src/main.ts', ...functions].flatMap((entry) => [...loadedBy(entry)]));
const describeImport = ({ from, to }: Import) => `${from} imports ${to}`;

test('the scan of imports resolves all of them', () => {
  const known = new Set(files);
  expect(imports.filter(({ to }) => isFile(to) && !known.has(to)).map(describeImport)).toEqual([]);
  expect(production).toContain('src/onboarding/routes.ts');
  expect(production).toContain('@aws-sdk/client-sfn');
});

test('production loads nothing of src/local-aws, src/deploy, src/workflow and src/documentation', () => {
  expect(
    [...production].filter((file) =>
      /^src\/(local-aws|deploy|workflow|documentation)\//.test(file),
    ),
  ).toEqual([]);
});

test('production loads all of the dependencies in package.json, and no other package', () => {
  const packages = [...production].filter(
    (name) => !isFile(name) && !name.startsWith('node:') && name !== 'package.json',
  );
  expect(packages.toSorted()).toEqual(Object.keys(dependencies).toSorted());
});

test('OpenTelemetry packages are optional peer dependencies, in the tested versions', () => {
  const packages = [...loadedBy(openTelemetry)].filter((name) =>
    name.startsWith('@opentelemetry/'),
  );
  expect(Object.keys(peerDependencies).toSorted()).toEqual(packages.toSorted());
  expect(devDependencies).toMatchObject(peerDependencies);
  expect(Object.keys(peerDependenciesMeta)).toEqual(Object.keys(peerDependencies));
  expect(Object.values(peerDependenciesMeta)).toEqual(packages.map(() => ({ optional: true })));
});

test('only src/step-functions imports the Step Functions client; src/local-aws imports its types', () => {
  const others = imports.filter(
    ({ from, to, isOfTypes }) =>
      to === '@aws-sdk/client-sfn' &&
      !from.startsWith('src/step-functions/') &&
      !(from.startsWith('src/local-aws/') && isOfTypes),
  );
  expect(others.map(describeImport)).toEqual([]);
});

test('the service loads no Lambda function', () => {
  expect([...loadedBy('src/main.ts')].filter((file) => file.startsWith('src/functions/'))).toEqual(
    [],
  );
});

test('src/http imports nothing of the application', () => {
  const beyond = imports.filter(
    ({ from, to }) => from.startsWith('src/http/') && isFile(to) && !to.startsWith('src/http/'),
  );
  // The clock and the parsing of environment variables are independent of the application.
  const common = ['src/clock.ts', 'src/variables.ts'];
  expect(beyond.filter(({ to }) => !common.includes(to)).map(describeImport)).toEqual([]);
});

test('src/http contains no word of the application', () => {
  const application = /onboard|execution|workflow|step.?functions|idempot|state.?machine|\barn\b/i;
  const named = files.filter(
    (file) => file.startsWith('src/http/') && application.test(textOf(file)),
  );
  expect(named).toEqual([]);
});

test('src/step-functions imports nothing of src/http and src/onboarding', () => {
  const above = imports.filter(
    ({ from, to }) =>
      from.startsWith('src/step-functions/') && /^src\/(http|onboarding)\//.test(to),
  );
  expect(above.map(describeImport)).toEqual([]);
});

test('only step-functions-clients.ts imports the fast client, so that it can be deleted', () => {
  const dependents = imports.filter(
    ({ from, to }) =>
      /\/fast-client\//.test(to) &&
      !/\/fast-client\//.test(from) &&
      from !== 'src/step-functions/step-functions-clients.ts',
  );
  expect(dependents.map(describeImport)).toEqual([]);
});

test('there are no import cycles, types included', () => {
  const loops = files.filter((file) =>
    imports.some(({ from, to }) => from === file && reachedFrom(to, () => true).has(file)),
  );
  expect(loops).toEqual([]);
});

// A Lambda function has its own environment, without the settings of the service.
test('only settings and the start of local AWS read the environment', () => {
  const readers = files.filter((file) => /process\s*\.\s*env\b|node:process/.test(textOf(file)));
  expect(readers.toSorted()).toEqual([
    'src/functions/statuses/settings.ts',
    'src/local-aws/main.ts',
    'src/local-aws/precompile.ts',
    'src/settings.ts',
  ]);
});

test('no test sleeps, but for one that pauses a process', () => {
  const tests = globSync('test/**/*.test.ts', { cwd: root });
  expect(tests.length).toBeGreaterThan(100);
  const sleep = /^import .*\bsetTimeout\b.* from 'node:timers\/promises'|setTimeout\(resolve\b/m;
  expect(tests.filter((file) => sleep.test(textOf(file)))).toEqual([
    'test/http/load-shedding.test.ts',
  ]);
});

test('the image starts the service as npm start does', () => {
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(textOf('Dockerfile')) ?? [];
  expect(`exec ${JSON.parse(command).join(' ')}`).toBe(
    JSON.parse(textOf('package.json')).scripts.start,
  );
});

test('the image contains everything that it loads', () => {
  const ignored = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('src/'));
  expect(ignored).toContain('src/local-aws');
  const loaded = ['src/main.ts', 'src/check-readiness.ts', openTelemetry].flatMap((entry) => [
    ...loadedBy(entry),
  ]);
  expect(loaded.filter((file) => ignored.some((folder) => file.startsWith(`${folder}/`)))).toEqual(
    [],
  );
});

test('the image has the tested version of Node', () => {
  const [, version] = /^ARG NODE_IMAGE=node:([\d.]+)-/m.exec(textOf('Dockerfile')) ?? [];
  expect(version).toBe(devDependencies.node);
});
