import { expect, test } from 'vitest';
import { localEnvironment, readPorts } from '../../src/local-aws/environment.ts';
import { accountId, region, stateMachineArn } from '../../src/local-aws/step-functions/arns.ts';
import { defaultTableName } from '../../src/status-table/definition.ts';

test('config/local.env names the state machines, the status table and the ports of local AWS', () => {
  const environment = localEnvironment({});
  expect(environment).toMatchObject({
    STEP_FUNCTIONS_WORKFLOW_ARN: stateMachineArn('user-onboarding'),
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: stateMachineArn('user-onboarding-express'),
    STATUS_TABLE: defaultTableName,
    AWS_REGION: region,
    PORT: '3000',
  });
  expect(environment.STEP_FUNCTIONS_WORKFLOW_ARN).toContain(accountId);
  expect(readPorts(environment)).toMatchObject({
    stepFunctions: { port: 8083, variable: 'LOCAL_STEP_FUNCTIONS_PORT' },
    dynamoDb: { port: 8000, variable: 'LOCAL_DYNAMODB_PORT' },
    sqs: { port: 9324, variable: 'LOCAL_SQS_PORT' },
  });
});

test('the file overrides the AWS variables of the shell, and the shell overrides the others', () => {
  const environment = localEnvironment({
    AWS_PROFILE: 'production',
    AWS_ACCESS_KEY_ID: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_REGION: 'eu-west-1',
    STEP_FUNCTIONS_WORKFLOW_ARN: 'real',
    STATUS_TABLE: 'real',
    PORT: '4000',
    LOCAL_SQS_PORT: '0',
    LOG_LEVEL: 'debug',
  });
  expect(environment).toMatchObject({
    AWS_PROFILE: '',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SESSION_TOKEN: '',
    AWS_REGION: 'us-east-1',
    PORT: '4000',
    LOG_LEVEL: 'debug',
  });
  expect(Object.values(environment)).not.toContain('real');
  expect(readPorts(environment).sqs.port).toBe(0);
});

test('invalid ports are reported by variable, one a line, without their values', () => {
  const environment = localEnvironment({
    LOCAL_DYNAMODB_PORT: 'eight thousand',
    LOCAL_SQS_PORT: '65536',
  });
  expect(() => readPorts(environment)).toThrow(
    expect.objectContaining({
      name: 'InvalidSettings',
      message:
        'LOCAL_DYNAMODB_PORT is wrong: expected a whole number from 0 to 65535\n' +
        'LOCAL_SQS_PORT is wrong: expected a whole number from 0 to 65535',
    }),
  );
});
