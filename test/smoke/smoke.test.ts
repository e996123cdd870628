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
  const isFine = await runChecks(checksOf(target, twin), (line) => lines.push(line));
  return { isFine, lines };
}

test('all checks pass against local AWS', async () => {
  const { isFine, lines } = await run(target, twin);
  expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(lines).toHaveLength(8);
  expect(isFine).toBe(true);
});

test('a workflow that does something else than local AWS is reported', async () => {
  const workflowArn = await local.createStateMachine('another', pass);
  const { isFine, lines } = await run(target, {
    ...twin,
    stepFunctions: local.stepFunctions,
    workflowArn,
  });
  expect(lines.filter((line) => /^FAILED.*\n.*The history differs/.test(line))).toHaveLength(2);
  expect(isFine).toBe(false);
});

test('a service that is not there is reported', async () => {
  const { isFine, lines } = await run({ ...target, serviceUrl: 'http://127.0.0.1:1' }, twin);
  expect(lines.every((line) => line.startsWith('FAILED'))).toBe(true);
  expect(isFine).toBe(false);
});

test('says how it is run where nothing says against what', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main], { encoding: 'utf8', env: {} });
  expect(status).toBe(1);
  expect(stderr).toContain('npm run smoke -- --stage dev');
});
