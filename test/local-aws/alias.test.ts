import {
  CreateStateMachineAliasCommand,
  DescribeExecutionCommand,
  PublishStateMachineVersionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, startPath, syncPath } from '../support/requests.ts';

// The service is configured with aliases of its state machines, as after a deployment that shifts
// traffic.

let aws: AppOnLocalAws;
let service: Awaited<ReturnType<AppOnLocalAws['startAnother']>>;

beforeAll(async () => {
  aws = await startAppOnLocalAws();
  service = await aws.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: await aliasOf(aws.local.aws.workflowArn),
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: await aliasOf(aws.local.aws.expressWorkflowArn),
    // Statuses come from the table, into which EventBridge pushes them.
    STATUS_TABLE: aws.local.aws.statusTable,
    AWS_ENDPOINT_URL_DYNAMODB: aws.local.aws.dynamoDbUrl,
  });
});
afterAll(async () => {
  await service.close();
  await aws.close();
});

async function aliasOf(stateMachineArn: string): Promise<string> {
  const { stepFunctions } = aws.local;
  const { stateMachineVersionArn } = await stepFunctions.send(
    new PublishStateMachineVersionCommand({ stateMachineArn }),
  );
  await stepFunctions.send(
    new CreateStateMachineAliasCommand({
      name: 'PROD',
      routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
    }),
  );
  return `${stateMachineArn}:PROD`;
}

test('a service configured with aliases is ready', async () => {
  expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
});

test('a service configured with aliases onboards a user synchronously', async () => {
  expect((await post(service.url + syncPath, exampleRequest)).status).toBe(200);
});

test('a service configured with aliases onboards asynchronously and reports the final status', async () => {
  const started = await post(service.url + startPath, exampleRequest);
  expect(started.status).toBe(202);
  const { executionArn } = Object(await started.json());
  const status = await fetch(`${service.url}/onboarding-status/${executionArn}`, {
    headers: { prefer: 'wait=10' },
  });
  expect(await status.json()).toMatchObject({ status: 'SUCCEEDED', executionArn });
  expect(
    await aws.local.stepFunctions.send(new DescribeExecutionCommand({ executionArn })),
  ).toMatchObject({
    stateMachineAliasArn: `${aws.local.aws.workflowArn}:PROD`,
    stateMachineVersionArn: `${aws.local.aws.workflowArn}:1`,
  });
});
