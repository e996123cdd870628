import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pass, startWithClients } from '../local-aws/local-aws-clients.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { checksOf } from './checks.ts';
import { type LocalTwin, startLocalTwin } from './local-twin.ts';
import { runChecks } from './run-checks.ts';
import type { Target } from './target.ts';

let local: Awaited<ReturnType<typeof startWithClients>>;
let app: RunningApp;
let twin: LocalTwin;
let target: Target;
beforeAll(async () => {
  local = await startWithClients();
  const { aws, stepFunctions, dynamoDb } = local;
  app = await startApp(aws.stepFunctionsUrl, {
    STEP_FUNCTIONS_WORKFLOW_ARN: aws.workflowArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: aws.expressWorkflowArn,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoDbUrl,
    STATUS_TABLE: aws.statusTable,
  });
  twin = await startLocalTwin();
  target = {
    serviceUrl: app.url,
    token: undefined,
    newUserUrl: `${aws.apiGatewayUrl}/new-user`,
    statusTable: aws.statusTable,
    stepFunctions,
    dynamoDb,
    signedHeaders: async () => ({ 'content-type': 'application/json' }),
  };
});
afterAll(async () => {
  await app.close();
  await twin.close();
  await local.close();
});

async function run(target: Target, twin: LocalTwin) {
  const lines: string[] = [];
  const isPassed = await runChecks(checksOf(target, twin), (line) => lines.push(line));
  return { isPassed, lines };
}

test('all checks pass against local AWS', async () => {
  const { isPassed, lines } = await run(target, twin);
  expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(lines).toHaveLength(8);
  expect(isPassed).toBe(true);
});

test('a workflow whose history differs from that on local AWS fails two checks', async () => {
  const workflowArn = await local.createStateMachine('another', pass);
  const { isPassed, lines } = await run(target, {
    ...twin,
    stepFunctions: local.stepFunctions,
    workflowArn,
  });
  expect(lines.filter((line) => /^FAILED.*\n.*The history differs/.test(line))).toHaveLength(2);
  expect(isPassed).toBe(false);
});

test('an unreachable service fails all checks', async () => {
  const { isPassed, lines } = await run({ ...target, serviceUrl: 'http://127.0.0.1:1' }, twin);
  expect(lines.filter((line) => line.startsWith('FAILED'))).toHaveLength(8);
  expect(isPassed).toBe(false);
});

test('without a stage and URL, the program prints how to run it and exits with 1', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main], { encoding: 'utf8', env: {} });
  expect(status).toBe(1);
  expect(stderr).toContain('npm run smoke -- --stage dev');
});
