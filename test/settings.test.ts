import { describe, expect, test } from 'vitest';
import { environmentSchema, InvalidSettings, readSettings } from '../src/settings.ts';

const standard = 'arn:aws:states:eu-west-1:123456789012:stateMachine:onboarding';
const required = {
  STEP_FUNCTIONS_WORKFLOW_ARN: standard,
  STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${standard}-express`,
};

/** The lines of the error for this environment. */
function complaints(environment: Readonly<Record<string, string | undefined>>): string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.message.split('\n');
    throw error;
  }
  throw new Error('The settings were accepted.');
}

test('only the two ARNs are required; everything else has a default', () => {
  expect(readSettings(required)).toMatchObject({
    standard: { arn: standard, region: 'eu-west-1', account: '123456789012', name: 'onboarding' },
    express: { arn: `${standard}-express` },
    region: 'eu-west-1',
    endpoint: undefined,
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    maxSyncExecutions: 1000,
    syncTimeoutSeconds: 300,
    stepFunctionsTimeoutSeconds: 5,
    statusTable: undefined,
    describeRate: 10,
    describeBurst: 50,
    shutdownDelaySeconds: 0,
    shutdownGraceSeconds: 30,
  });
});

test('AWS_ENDPOINT_URL applies where the variable of one AWS service is not set', () => {
  const all = { ...required, STATUS_TABLE: 'statuses', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
  expect(readSettings(all)).toMatchObject({
    endpoint: 'http://127.0.0.1:4566',
    statusTable: { endpoint: 'http://127.0.0.1:4566' },
  });
  const own = {
    ...all,
    AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:8083',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
  };
  expect(readSettings(own)).toMatchObject({
    endpoint: 'http://127.0.0.1:8083',
    statusTable: { endpoint: 'http://127.0.0.1:8000' },
  });
});

test('each variable sets its setting', () => {
  expect(
    readSettings({
      ...required,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:8083',
      HOST: 'localhost',
      PORT: '0',
      LOG_LEVEL: 'silent',
      MAX_SYNC_EXECUTIONS: '2',
      SYNC_TIMEOUT_SECONDS: '0.5',
      STEP_FUNCTIONS_TIMEOUT_SECONDS: '1.5',
      DESCRIBE_RATE: '12.5',
      DESCRIBE_BURST: '3',
      STATUS_TABLE: 'onboarding-statuses',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
      SHUTDOWN_DELAY_SECONDS: '5',
      SHUTDOWN_GRACE_SECONDS: '0',
    }),
  ).toMatchObject({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:8083',
    // Fastify would start a second server for the name `localhost`.
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    maxSyncExecutions: 2,
    syncTimeoutSeconds: 0.5,
    stepFunctionsTimeoutSeconds: 1.5,
    statusTable: { name: 'onboarding-statuses', endpoint: 'http://127.0.0.1:8000' },
    describeRate: 12.5,
    describeBurst: 3,
    shutdownDelaySeconds: 5,
    shutdownGraceSeconds: 0,
  });
});

test.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-iso-b', 'aws-eusc'])(
  'the ARN of a state machine may have the partition %s, and a version or alias',
  (partition) => {
    const arn = `arn:${partition}:states:r-1:123456789012:stateMachine:onboarding`;
    const settings = readSettings({
      STEP_FUNCTIONS_WORKFLOW_ARN: `${arn}:7`,
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${arn}-express:live`,
    });
    expect(settings.standard).toMatchObject({ partition, region: 'r-1', name: 'onboarding' });
    expect(settings.express.name).toBe('onboarding-express');
  },
);

const anExample = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';
const aPort = 'a whole number from 0 to 65535';
const aCount = 'a whole number from 1 to 10000';
const aRate = 'a number from 0.1 to 10000';

test.each<[name: string, values: string[], expected: string]>([
  [
    'STEP_FUNCTIONS_WORKFLOW_ARN',
    ['onboarding', `${standard} `, standard.replace('states', 'sqs'), `${standard}:execution:1`],
    `the ARN of a Standard state machine, like ${anExample}`,
  ],
  [
    'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS',
    ['onboarding', standard.replace('stateMachine', 'execution')],
    `the ARN of an Express state machine, like ${anExample}-express`,
  ],
  ['AWS_ENDPOINT_URL_SFN', ['127.0.0.1:8083', 'ftp://127.0.0.1', '//'], 'an http or https URL'],
  [
    'PUBLIC_URL',
    ['api.example.com', '/svc', 'ftp://example.com', 'https://example.com/?a=b', 'https://a@b/'],
    'an http or https URL without a query, like https://api.example.com/users',
  ],
  ['PORT', ['-1', '65536', '3e3', '0x1', ' 1', 'three', '1.5'], aPort],
  ['LOG_LEVEL', ['INFO', 'verbose'], 'one of fatal, error, warn, info, debug, trace, silent'],
  ['MAX_SYNC_EXECUTIONS', ['0', '100001', 'many'], 'a whole number from 1 to 100000'],
  [
    'SYNC_TIMEOUT_SECONDS',
    ['0', '301', '1m', '-1', '.5', 'NaN', 'Infinity'],
    'a number of seconds, more than 0 and at most 300',
  ],
  [
    'STEP_FUNCTIONS_TIMEOUT_SECONDS',
    ['0', '61', '5s'],
    'a number of seconds, more than 0 and at most 60',
  ],
  ['DESCRIBE_RATE', ['0', '10001', 'fast'], aRate],
  ['DESCRIBE_BURST', ['0', '1.5', '10001'], aCount],
  ['STATUS_TABLE', ['ab', 'a table', 'x'.repeat(256)], 'the name of a DynamoDB table'],
  ['AWS_ENDPOINT_URL_DYNAMODB', ['127.0.0.1:8000'], 'an http or https URL'],
  ['SHUTDOWN_DELAY_SECONDS', ['-1', '3601', 'x'], 'a number of seconds from 0 to 3600'],
  ['SHUTDOWN_GRACE_SECONDS', ['-1', '3601', 'x'], 'a number of seconds from 0 to 3600'],
])('a wrong %s gives one line, without its value', (name, values, expected) => {
  for (const value of values) {
    expect(complaints({ ...required, [name]: value }), value).toEqual([
      `${name} is wrong: expected ${expected}`,
    ]);
  }
});

test('each missing or wrong variable has its own line', () => {
  expect(complaints({ PORT: 'three', HOST: 'here' })).toEqual([
    `STEP_FUNCTIONS_WORKFLOW_ARN is missing: expected the ARN of a Standard state machine, like ${anExample}`,
    `STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is missing: expected the ARN of an Express state machine, like ${anExample}-express`,
    `PORT is wrong: expected ${aPort}`,
  ]);
});

test('a secret in the wrong variable is not repeated', () => {
  const secret = 'wJalrXUtnFEMI';
  const everywhere = Object.keys(environmentSchema.shape).map((name) => [name, secret]);
  expect(complaints(Object.fromEntries(everywhere)).join()).not.toContain(secret);
  expect(complaints({ ...required, AWS_REGION: secret }).join()).not.toContain(secret);
});

test('an empty variable counts as not set', () => {
  const names = Object.keys(environmentSchema.shape).filter((name) => !(name in required));
  const empty = Object.fromEntries(names.map((name) => [name, '']));
  expect(readSettings({ ...empty, ...required })).toEqual(readSettings(required));
  expect(complaints({ ...required, STEP_FUNCTIONS_WORKFLOW_ARN: '' })).toEqual([
    expect.stringMatching(/^STEP_FUNCTIONS_WORKFLOW_ARN is missing: /),
  ]);
});

describe('contradictory settings are refused', () => {
  test('when both ARNs are the same', () => {
    expect(complaints({ ...required, STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: standard })).toEqual([
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is the same as STEP_FUNCTIONS_WORKFLOW_ARN: expected the ARN of another, Express state machine',
    ]);
  });

  test('when the ARNs have different Regions', () => {
    const express = `${standard.replace('eu-west-1', 'us-east-1')}-express`;
    expect(complaints({ ...required, STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: express })).toEqual([
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is in another Region: expected the Region of STEP_FUNCTIONS_WORKFLOW_ARN',
    ]);
  });

  test('when AWS_REGION differs from the Region of the ARNs', () => {
    expect(complaints({ ...required, AWS_REGION: 'us-east-1' })).toEqual([
      'AWS_REGION is not the Region of STEP_FUNCTIONS_WORKFLOW_ARN: expected the Region in the ARN, or nothing',
    ]);
  });
});
