import { describe, expect, test } from 'vitest';
import {
  classifyExecutionArn,
  executionArn,
  parseStateMachineArn,
} from '../../src/step-functions/arns.ts';

const machineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';

function machine(arn = machineArn) {
  const parsed = parseStateMachineArn(arn);
  if (!parsed) throw new Error(`${arn} is not the ARN of a state machine.`);
  return parsed;
}

const execution = (name: string) =>
  `arn:aws:states:us-east-1:123456789012:execution:user-onboarding:${name}`;

describe('the ARN of a state machine', () => {
  test.each([
    ['in the aws partition', machineArn, 'aws', 'us-east-1'],
    ['in the aws-cn partition', machineArn.replace('aws:', 'aws-cn:'), 'aws-cn', 'us-east-1'],
    [
      'in the aws-us-gov partition',
      machineArn.replace('aws:', 'aws-us-gov:'),
      'aws-us-gov',
      'us-east-1',
    ],
    ['in another Region', machineArn.replace('us-east-1', 'eu-west-3'), 'aws', 'eu-west-3'],
    ['of a version', `${machineArn}:7`, 'aws', 'us-east-1'],
    ['of an alias', `${machineArn}:live`, 'aws', 'us-east-1'],
  ])('%s is parsed', (_what, arn, partition, region) => {
    expect(parseStateMachineArn(arn)).toEqual({
      arn,
      partition,
      region,
      account: '123456789012',
      name: 'user-onboarding',
    });
  });

  test.each([
    '',
    'user-onboarding',
    machineArn.replace('arn:', 'urn:'),
    machineArn.replace('aws:', 'gcp:'),
    machineArn.replace('states', 'lambda'),
    machineArn.replace('us-east-1', ''),
    machineArn.replace('123456789012', '1234'),
    machineArn.replace('stateMachine', 'activity'),
    machineArn.replace('user-onboarding', ''),
    machineArn.replace('user-onboarding', 'x'.repeat(81)),
    `${machineArn} `,
    `${machineArn}\n`,
    `${machineArn}:`,
    `${machineArn}:1:2`,
    execution('a'),
  ])('%j is not parsed', (text) => {
    expect(parseStateMachineArn(text)).toBeUndefined();
  });
});

test.each(['aws', 'aws-cn', 'aws-us-gov'])(
  'an execution in the partition %s has an ARN in it',
  (partition) => {
    const arn = executionArn(machine(machineArn.replace('aws', partition)), 'name');
    expect(arn).toBe(execution('name').replace('aws', partition));
  },
);

test('the executions of a version have the name of the state machine in their ARN', () => {
  expect(executionArn(machine(`${machineArn}:7`), 'name')).toBe(execution('name'));
  expect(classifyExecutionArn(execution('name'), machine(`${machineArn}:7`))).toBe('ours');
});

describe('the classification of an execution ARN', () => {
  test.each([
    execution('user-onboarding-user-1-0b1f6d5e-6a52-4c1e-9a0e-3d3f0f6f2b11'),
    execution('x'),
    execution('x'.repeat(80)),
    execution('größe.(1)+2=3!@'),
    execution('🎉'.repeat(80)),
  ])('ours: %s', (arn) => {
    expect(classifyExecutionArn(arn, machine())).toBe('ours');
  });

  test.each([
    ['another partition', execution('a').replace('aws', 'aws-cn')],
    ['another Region', execution('a').replace('us-east-1', 'us-east-2')],
    ['another account', execution('a').replace('123456789012', '210987654321')],
    ['another state machine', execution('a').replace('user-onboarding', 'user-offboarding')],
    ['a state machine whose name starts alike', execution('a').replace(/:a$/, '-2:a')],
    ['a name in another case', execution('a').replace('user-onboarding', 'User-Onboarding')],
    ['another service', execution('a').replace('states', 'sqs')],
    ['a state machine', machineArn],
    ['an activity', 'arn:aws:states:us-east-1:123456789012:activity:a'],
    ['a map run', 'arn:aws:states:us-east-1:123456789012:mapRun:user-onboarding/a:b'],
    ['no name', execution('')],
    ['a name of 81 characters', execution('x'.repeat(81))],
    ['250 characters', execution('x'.repeat(250 - execution('').length))],
    ['more after the name', execution('a:b')],
    ...[...' <>{}[]?*"#%\\^|~`$&,;:/\n\u0000\u0085\ud800\ufffe\uffff\u{10ffff}'].map(
      (refused): [string, string] => [
        `${JSON.stringify(refused)} in the name`,
        execution(`a${refused}b`),
      ],
    ),
    ['a resource alone', 'arn:aws:s3:::bucket'],
  ])('foreign: %s', (_what, arn) => {
    expect(classifyExecutionArn(arn, machine())).toBe('foreign');
  });

  const express =
    'arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:name:0b1f6d5e';
  test.each([express, express.replace('us-east-1', 'eu-west-1'), express.replace('aws', 'aws-cn')])(
    'express: %s',
    (arn) => {
      expect(classifyExecutionArn(arn, machine())).toBe('express');
    },
  );

  test.each([
    '',
    'name',
    'arn',
    'arn:',
    'arn:aws:states',
    'arn:aws:states:us-east-1:123456789012',
    'arn:aws:states:us-east-1:123456789012:',
    'ARN:aws:states:us-east-1:123456789012:execution:user-onboarding:a',
    ` ${execution('a')}`,
    'https://example.com/',
    encodeURIComponent(execution('a')),
  ])('not-an-arn: %j', (text) => {
    expect(classifyExecutionArn(text, machine())).toBe('not-an-arn');
  });
});
