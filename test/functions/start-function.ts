import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, onTestFinished, vi } from 'vitest';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { executionArnOf, standardArn } from '../support/step-functions-stub/executions.ts';
import { type StubOptions, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

/**
 * Prepares what a function has on Lambda: its environment, a status table and Step Functions. The
 * test imports the function afterwards, as Lambda does.
 */
export async function startAround(options: StubOptions = {}) {
  const { table, item, url } = await startStatusTable();
  const stub = await startStepFunctionsStub(options);
  const environment = {
    STATUS_TABLE: tableName,
    STEP_FUNCTIONS_WORKFLOW_ARN: standardArn,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SFN: stub.url,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const client = new SFNClient();
  onTestFinished(async () => {
    client.destroy();
    await stub.close();
  });
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  return {
    /** The lines logged so far. */
    lines,
    item,
    describes: () => stub.calls('DescribeExecution'),
    stored: async (name: string) =>
      (await table.read([executionArnOf(name)])).get(executionArnOf(name)),
    start: (name: string, input = '{}') =>
      client.send(new StartExecutionCommand({ stateMachineArn: standardArn, name, input })),
  };
}
