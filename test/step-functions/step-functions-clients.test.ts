import {
  DescribeExecutionCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { readSettings } from '../../src/settings.ts';
import { HttpHandler } from '../../src/step-functions/http-handler.ts';
import { createStepFunctionsClients } from '../../src/step-functions/step-functions-clients.ts';
import { credentials } from '../support/app.ts';

/** The origins that the clients call without AWS_ENDPOINT_URL_SFN. */
async function hostsFor(partition: string, region: string) {
  Object.assign(process.env, credentials);
  const arn = `arn:${partition}:states:${region}:123456789012:stateMachine:user-onboarding`;
  const settings = readSettings({
    STEP_FUNCTIONS_WORKFLOW_ARN: arn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${arn}-express`,
  });
  const clients = createStepFunctionsClients(settings, () => undefined);
  const hosts: string[] = [];
  for (const client of [clients.start, clients.sync, clients.status]) {
    const { requestHandler } = client.config;
    if (!(requestHandler instanceof HttpHandler)) expect.fail('The handler is another one.');
    requestHandler.dispatcher.dispatch = ({ origin }) => {
      hosts.push(String(origin));
      throw new Error('Nothing is sent.');
    };
  }
  await Promise.allSettled([
    clients.start.send(new StartExecutionCommand({ stateMachineArn: arn })),
    clients.sync.send(new StartSyncExecutionCommand({ stateMachineArn: arn })),
    clients.status.send(new DescribeExecutionCommand({ executionArn: arn })),
  ]);
  clients.destroy();
  return new Set(hosts);
}

test.each([
  ['aws', 'us-east-1', 'us-east-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'cn-north-1.amazonaws.com.cn'],
])(
  'in the partition %s, calls go to the endpoints of AWS in the Region of the ARNs, %s',
  async (partition, region, domain) => {
    expect(await hostsFor(partition, region)).toEqual(
      new Set([`https://states.${domain}`, `https://sync-states.${domain}`]),
    );
  },
);
