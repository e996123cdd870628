import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { readSettings } from '../../src/settings.ts';
import { describeExecution } from '../../src/step-functions/describe-execution.ts';
import { createStepFunctionsClients } from '../../src/step-functions/step-functions-clients.ts';
import {
  type LocalAwsWithClients,
  startWithClients,
  waitAnHour,
} from '../local-aws/local-aws-clients.ts';
import { environmentFor } from '../support/app.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { stall } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

test('returns the status, dates, redrives and input of an execution', async () => {
  const stateMachineArn = await local.createStateMachine('slow', waitAnHour);
  const command = new StartExecutionCommand({ stateMachineArn, name: 'described', input: '{}' });
  const { executionArn = '' } = await local.stepFunctions.send(command);
  expect(await describeExecution(local.stepFunctions, executionArn)).toEqual({
    execution: { executionArn, status: 'RUNNING', startDate: expect.any(Date), redriveCount: 0 },
    input: '{}',
  });
  await expect(
    describeExecution(local.stepFunctions, `${executionArn}-missing`),
  ).rejects.toMatchObject({ failure: 'not-found' });
});

test('aborts its call when the signal aborts', async () => {
  const stub = await startStepFunctionsStub({ script: () => stall });
  closeAfterwards(stub);
  const settings = readSettings(environmentFor(stub.url));
  const { status, destroy } = createStepFunctionsClients(settings, () => undefined);
  onTestFinished(destroy);
  const caller = new AbortController();
  const isAborted = expect(describeExecution(status, 'arn', caller.signal)).rejects.toThrow();
  const underWay = (count: number) => vi.waitFor(() => expect(stub.underWay()).toBe(count));
  await underWay(1);
  caller.abort();
  await isAborted;
  await underWay(0);
});
