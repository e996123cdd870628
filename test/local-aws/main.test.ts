import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Returns a port that stays in use until the test ends, or one that is free again. */
async function listeningPort({ keep }: { keep: boolean }): Promise<number> {
  const server = createServer((_request, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (keep) cleanUps.push(() => server.close());
  else await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Not a TCP server.');
  return address.port;
}

function runDev(environment: Record<string, string>) {
  return run('src/local-aws/main.ts', environment);
}

function run(module: string, environment: Record<string, string>) {
  const child = spawn(process.execPath, [module], {
    env: {
      PATH: process.env.PATH,
      LOCAL_STEP_FUNCTIONS_PORT: '0',
      LOCAL_DYNAMODB_PORT: '0',
      LOCAL_SQS_PORT: '0',
      LOCAL_API_GATEWAY_PORT: '0',
      LOCAL_CONSOLE_PORT: '0',
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanUps.push(() => child.kill('SIGKILL'));
  return { child, exited: once(child, 'exit') };
}

/** Resolves once everything runs, with what has been printed until then. */
async function bannerOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.includes('aws sqs receive-message')) break;
  }
  return printed;
}

test('the curl commands that npm run dev prints work, and Ctrl-C stops every service', async () => {
  const port = await listeningPort({ keep: false });
  // A shell that is set up for a real account.
  const shell = { PORT: String(port), AWS_PROFILE: 'production', AWS_REGION: 'eu-west-1' };
  const { child, exited } = runDev(shell);
  const printed = await bannerOf(child);
  const lines = [...printed.matchAll(/curl -i (?<url>\S+\/process\S+) .*-d '(?<body>.*)'/g)];
  const responses = await Promise.all(
    lines.map(async ({ groups: { url = '', body = '' } = {} }) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body });
      return { status: response.status, body: await response.json() };
    }),
  );
  expect(responses).toMatchObject([
    { status: 200, body: { status: 'SUCCEEDED' } },
    { status: 400, body: { error: 'InvalidReferralCode' } },
  ]);
  const { groups: { url = '' } = {} } = /Step Functions +(?<url>\S+)/.exec(printed) ?? {};
  expect((await fetch(url)).status).toBe(404);

  const missing = 'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:gone';
  const status = await fetch(`http://127.0.0.1:${port}/onboarding-status/${missing}`);
  expect(await status.json()).toMatchObject({
    detail: expect.stringContaining('Local executions are lost when npm run dev ends'),
  });

  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('/docs and the console link to each other', async () => {
  const console = `http://127.0.0.1:${await listeningPort({ keep: false })}`;
  const service = `http://127.0.0.1:${await listeningPort({ keep: false })}`;
  const portOf = (url: string) => new URL(url).port;
  const { child } = runDev({ PORT: portOf(service), LOCAL_CONSOLE_PORT: portOf(console) });
  expect(await bannerOf(child)).toMatch(new RegExp(`^\\s*Console +${console} `));
  const jsonOf = async (url: string) => JSON.parse(await (await fetch(url)).text());
  expect(await jsonOf(`${service}/openapi.json`)).toMatchObject({
    externalDocs: { url: console, description: 'Console of local AWS' },
  });
  expect(await jsonOf(`${console}/api/service`)).toMatchObject({ url: service });
});

test('npm install compiles every module that npm run dev needs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'compile-cache-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  const compiled = () => readdir(directory, { recursive: true });
  const cache = { NODE_COMPILE_CACHE: directory };

  const installing = run('src/local-aws/precompile.ts', cache);
  expect(await Promise.all([text(installing.child.stdout), text(installing.child.stderr)])).toEqual(
    ['', ''],
  );
  expect(await installing.exited).toEqual([0, null]);
  const before = await compiled();
  expect(before.length).toBeGreaterThan(500);

  const port = await listeningPort({ keep: false });
  const { child, exited } = runDev({ ...cache, PORT: String(port) });
  await bannerOf(child);
  child.kill('SIGINT');
  await exited;
  // The entry module itself, and perhaps a few others.
  const added = (await compiled()).filter((file) => !before.includes(file));
  expect(added.length).toBeLessThan(10);
});

test.each(['LOCAL_STEP_FUNCTIONS_PORT', 'PORT'])(
  'a taken %s is reported in one line and exits with 1',
  async (variable) => {
    const port = await listeningPort({ keep: true });
    const { child, exited } = runDev({ [variable]: String(port) });
    expect(await text(child.stderr)).toBe(
      `Port ${port} is taken. Set ${variable} to another port.\n`,
    );
    expect(await exited).toEqual([1, null]);
  },
);

test('a second npm run dev says that another is running, and where', async () => {
  const ports = {
    PORT: String(await listeningPort({ keep: false })),
    LOCAL_DYNAMODB_PORT: String(await listeningPort({ keep: false })),
    LOCAL_CONSOLE_PORT: String(await listeningPort({ keep: false })),
  };
  await bannerOf(runDev(ports).child);
  const { child, exited } = runDev(ports);
  expect(await text(child.stderr)).toBe(
    `npm run dev is already running, with its console at http://127.0.0.1:${ports.LOCAL_CONSOLE_PORT}; it uses port ${ports.LOCAL_DYNAMODB_PORT}. ` +
      'Stop it, or set other ports for this one: PORT and those in config/local.env, where 0 means any free port.\n',
  );
  expect(await exited).toEqual([1, null]);
});
