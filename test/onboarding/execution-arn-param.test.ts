import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pass } from '../local-aws/local-aws-clients.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, problemIn } from '../support/requests.ts';
import { executionArnOf, expressArn } from '../support/step-functions-stub/executions.ts';

let running: AppOnLocalAws;
/** An execution that exists, of a state machine that is not the service's. */
let foreignArn: string;
beforeAll(async () => {
  running = await startAppOnLocalAws();
  const { createStateMachine, stepFunctions } = running.local;
  const stateMachineArn = await createStateMachine('other', pass);
  const started = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
  foreignArn = started.executionArn ?? expect.fail();
});
afterAll(() => running.close());

const get = (path: string, accept = 'application/json') => fetch(path, { headers: { accept } });

describe.each([
  ['GET /onboarding-status/{executionArn}', (path: string) => get(path)],
  [
    'GET /onboarding-status/{executionArn} as an event stream',
    (path: string) => get(path, 'text/event-stream'),
  ],
  ['GET /onboarding-status/{executionArn}/steps', (path: string) => get(`${path}/steps`)],
  ['POST /onboarding-status/{executionArn}/cancel', (path: string) => post(`${path}/cancel`, {})],
])('%s', (_operation, send) => {
  test.each([
    ['400 invalid-execution-arn', 'a text that is not an ARN', () => 'user-88888'],
    ['404 execution-not-found', 'an execution that does not exist', () => executionArnOf('none')],
    ['404 execution-not-found', 'an execution of another state machine', () => foreignArn],
    [
      '404 execution-not-found',
      'an Express execution',
      () => `${expressArn.replace(':stateMachine:', ':express:')}:name:uuid`,
    ],
  ])('responds %s for %s', async (expected, _what, arnOf) => {
    const response = await send(`${running.url}/onboarding-status/${arnOf()}`);
    const { status, type } = await problemIn(response);
    expect(`${status} ${type.replace('/problems/', '')}`).toBe(expected);
  });
});
