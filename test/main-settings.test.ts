import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Environment, environmentFor } from './support/app.ts';
import { listen } from './support/listen.ts';
import { startServiceProcess } from './support/service-process.ts';
import { startBehind } from './support/start-behind.ts';
import { startStepFunctionsStub } from './support/step-functions-stub/stub.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'user-onboarding-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The output and exit code of a process that does not start, with exactly this environment. */
async function refusal(environment: Environment) {
  const child = spawn(process.execPath, [main], { cwd: directory, env: environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, exitCode };
}

test('wrong settings end the start with exit code 1 and one line for each on stderr', async () => {
  const { stdout, stderr, exitCode } = await refusal({ PORT: 'three', LOG_LEVEL: 'loud' });
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN is missing: expected /),
    expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is missing: expected /),
    'PORT is wrong: expected a whole number from 0 to 65535',
    expect.stringMatching(/^LOG_LEVEL is wrong: expected one of /),
    '',
  ]);
  expect(stdout).toBe('');
  expect(exitCode).toBe(1);
});

test('without any settings, stderr says how to begin', async () => {
  const { stderr, exitCode } = await refusal({});
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN is missing: expected /),
    expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is missing: expected /),
    expect.stringMatching(/\.env\.example .*npm run dev/),
    '',
  ]);
  expect(exitCode).toBe(1);
});

test('a start with AUTH=none and METRICS=authenticated logs a warning', async () => {
  const stub = await startStepFunctionsStub();
  onTestFinished(() => stub.close());
  const { logged } = await startServiceProcess(stub.url, { AUTH: 'none' });
  expect(await logged('With AUTH=none, METRICS=authenticated')).toMatchObject({ level: 40 });
});

test('.env provides the settings that the environment lacks', async () => {
  await writeFile(join(directory, '.env'), 'PORT=three\nLOG_LEVEL=loud\n');
  const { PORT, ...others } = environmentFor('http://127.0.0.1:1');
  const { stderr } = await refusal({ ...others, LOG_LEVEL: 'info' });
  expect(stderr).toBe('PORT is wrong: expected a whole number from 0 to 65535\n');
});

test('a taken port ends the start with exit code 1 and one line on stderr', async () => {
  const taken = createServer();
  onTestFinished(() => void taken.close());
  const { port } = new URL(await listen(taken));
  const environment = { ...environmentFor('http://127.0.0.1:1'), PORT: port };
  expect(await refusal(environment)).toEqual({
    stdout: '',
    stderr: `Port ${port} is taken. Set PORT to another port.\n`,
    exitCode: 1,
  });
});

test.each(['nowhere.invalid', '192.0.2.1', 'fe80::1'])(
  'HOST=%s, which is not an address of this machine, ends the start with exit code 1',
  async (host) => {
    const environment = { ...environmentFor('http://127.0.0.1:1'), HOST: host, AUTH: 'none' };
    expect(await refusal(environment)).toEqual({
      stdout: '',
      stderr: expect.stringMatching(
        /^HOST is wrong \([A-Z_]+\): expected an address of this machine\n$/,
      ),
      exitCode: 1,
    });
  },
);

test('timeouts may be fractions of a second', async () => {
  // In floating point, this is not a whole number of milliseconds.
  const seconds = '8.001';
  const { url } = await startBehind(
    {},
    {
      REQUEST_TIMEOUT_SECONDS: seconds,
      KEEP_ALIVE_SECONDS: seconds,
      STEP_FUNCTIONS_TIMEOUT_SECONDS: seconds,
      SYNC_TIMEOUT_SECONDS: seconds,
    },
  );
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
});
