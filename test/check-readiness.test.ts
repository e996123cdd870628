import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { credentials, environmentFor } from './support/app.ts';
import { closeAfterwards } from './support/start-behind.ts';
import { startStepFunctionsStub } from './support/step-functions-stub/stub.ts';

const script = fileURLToPath(new URL('../src/check-readiness.ts', import.meta.url));

async function check(environment: Record<string, string>) {
  const child = spawn(process.execPath, [script], {
    // A folder without a .env file.
    cwd: tmpdir(),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], printed] = await Promise.all([
    once(child, 'exit'),
    Promise.all([text(child.stdout), text(child.stderr)]),
  ]);
  return { code, printed: printed.join('') };
}

test('the check passes when both state machines exist', async () => {
  const stub = await startStepFunctionsStub({});
  closeAfterwards(stub);
  const { code, printed } = await check({ ...environmentFor(stub.url), ...credentials });
  expect(printed).not.toContain('error');
  expect(code).toBe(0);
});

test('the check fails when Step Functions cannot be reached, and prints why', async () => {
  const { code, printed } = await check({
    ...environmentFor('http://127.0.0.1:1'),
    ...credentials,
  });
  expect(code).toBe(1);
  expect(printed).toContain('"problem":"not-ready"');
  expect(printed).toContain('ECONNREFUSED');
});

test('the check fails with a line for each wrong setting', async () => {
  expect(await check({ STEP_FUNCTIONS_WORKFLOW_ARN: 'arn' })).toMatchObject({
    code: 1,
    printed: expect.stringMatching(
      /^STEP_FUNCTIONS_WORKFLOW_ARN is wrong: .*\nSTEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is missing: .*\n$/,
    ),
  });
});
