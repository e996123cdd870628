import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleRequest } from '../../../src/onboarding/request.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../../support/app-on-local-aws.ts';
import { type OpenApiDocument, openApiDocumentOf } from '../../support/openapi.ts';
import { authenticated } from '../../support/requests.ts';

const root = new URL('../../../', import.meta.url);
const pathOf = (file: string) => fileURLToPath(new URL(file, root));

let running: AppOnLocalAws;
/** Outside the project, like a program of a user. */
let folder: string;
beforeAll(async () => {
  running = await startAppOnLocalAws();
  folder = await mkdtemp(join(tmpdir(), 'openapi-'));
});
afterAll(async () => {
  await running.close();
  await rm(folder, { recursive: true });
});

/** Runs a program of a package, and returns its exit code and output. */
function run(program: string, ...parameters: string[]) {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; output: string }>();
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  execFile(
    process.execPath,
    [pathOf(`node_modules/${program}`), ...parameters],
    { cwd: folder, env },
    (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }),
  );
  return promise;
}

test.each([
  ['without', {}],
  ['with', authenticated],
])(
  'the document %s authentication passes the linter without a warning',
  async (_with, settings) => {
    const app = await running.startAnother(settings);
    const file = join(folder, 'openapi.json');
    await writeFile(file, await (await fetch(`${app.url}/openapi.json`)).text());
    await app.close();
    const linted = await run(
      '@redocly/cli/bin/cli.js',
      'lint',
      '--extends=recommended-strict',
      file,
    );
    expect(linted).toMatchObject({ code: 0, output: expect.stringContaining('is valid') });
    // The linter does fail on an invalid document.
    await writeFile(file, JSON.stringify({ openapi: '3.1.0', info: {}, paths: {} }));
    expect((await run('@redocly/cli/bin/cli.js', 'lint', file)).code).toBe(1);
  },
);

test('a generated client compiles strictly and receives what its types promise', async () => {
  await cp(pathOf('test/generated-client'), folder, { recursive: true });
  await symlink(pathOf('node_modules'), join(folder, 'node_modules'), 'dir');
  await writeFile(join(folder, 'schema.d.ts'), await typesOf(`${running.url}/openapi.json`));
  await writeFile(join(folder, 'example.ts'), exampleIn(await openApiDocumentOf(running.url)));

  expect(await run('typescript/bin/tsc', '-p', folder)).toEqual({ code: 0, output: '' });

  const { onboard } = await import(pathToFileURL(join(folder, 'client.ts')).href);
  expect(await onboard(running.url)).toEqual({
    sync: 'SUCCEEDED',
    trackingId: exampleRequest.user.userId,
    status: 'SUCCEEDED',
    output: expect.stringContaining(exampleRequest.user.userId),
    reused: '/problems/idempotency-key-reused',
    failed: expect.stringMatching(/^FAILED InvalidReferralCode: ./),
    invalid: 'user.email: Must be an e-mail address',
    unknown: '/problems/execution-not-found',
    live: 'live',
    hasMetrics: true,
  });
});

/** A module with the document's own example of a request, of the type that the document gives it. */
function exampleIn({ components }: OpenApiDocument): string {
  const [example] = components.schemas.OnboardingRequest?.examples ?? [];
  return `import type { components } from './schema.d.ts';
export const example: components['schemas']['OnboardingRequest'] = ${JSON.stringify(example)};
`;
}

async function typesOf(url: string): Promise<string> {
  // openapi-typescript needs the JavaScript API of TypeScript, which TypeScript 7 no longer has.
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === 'typescript' ? '@ts-morph/common/dist/typescript.js' : specifier, context),
  });
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  hooks.deregister();
  return astToString(await openapiTS(new URL(url)));
}
