import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import { outputFolder, templates } from './template.ts';

type Templates = ReturnType<typeof templates>;

const folder = outputFolder();
const deployed = join(folder, 'default', 'user-onboarding.template.json');
let usual: Templates;
let staging: Templates;
let express: Templates;
beforeAll(() => {
  usual = templates();
  staging = templates({ stage: 'staging' });
  express = templates({ stage: 'express' });
}, 120_000);

/** Every physical name in the templates: `AWS::SQS::Queue QueueName user-onboarded`. */
function namesIn(each: Templates): string[] {
  return Object.values(each).flatMap((template) =>
    Object.values<Resource>(template.toJSON().Resources).flatMap(({ Type, Properties = {} }) =>
      Object.entries(Properties)
        .filter(([property, value]) => isName(property) && typeof value === 'string')
        .filter(() => !typesWithinNamed.has(Type))
        .map(([property, value]) => `${Type} ${property} ${value}`),
    ),
  );
}

/** Types whose names are unique only within a namespace or function, whose own name has the stage. */
const typesWithinNamed = new Set([
  'AWS::ServiceDiscovery::Service',
  'AWS::Lambda::WebFunctionEndpoint',
]);

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Whether the property is a name that a stage must change, not one of AWS or within a resource. */
function isName(property: string): boolean {
  return /^(\w*Name)$/.test(property) && !/^(Stage|Service|Policy|Metric)Name/.test(property);
}

test('without a stage, names have no prefix', () => {
  expect(namesIn(usual)).toEqual(
    expect.arrayContaining([
      'AWS::StepFunctions::StateMachine StateMachineName user-onboarding',
      'AWS::StepFunctions::StateMachine StateMachineName user-onboarding-express',
      'AWS::DynamoDB::GlobalTable TableName user-onboarding',
      'AWS::IAM::Role RoleName user-onboarding-api-gateway-stepfunctions-role',
      'AWS::IAM::ManagedPolicy ManagedPolicyName user-onboarding-service',
    ]),
  );
});

test('with a stage, every name has its prefix', () => {
  const names = namesIn(staging);
  expect(names).toEqual(
    expect.arrayContaining([
      'AWS::StepFunctions::StateMachine StateMachineName staging-user-onboarding',
      'AWS::SQS::Queue QueueName staging-user-onboarded-dead-letters',
      'AWS::Logs::LogGroup LogGroupName /ecs/staging-user-onboarding-service',
    ]),
  );
  for (const name of names) expect(name).toMatch(/[ /]staging-[\w.-]+$/);
});

test('stages share no name', () => {
  const names = [usual, staging, express].flatMap(namesIn);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('with a stage, CloudFormation chooses the names of IAM, which all Regions share', () => {
  expect(namesIn(staging).filter((name) => name.startsWith('AWS::IAM::'))).toEqual([]);
});

test('a stage that is not fit for names is refused', () => {
  for (const stage of ['Staging', '-a', 'a_b', 'a'.repeat(17)]) {
    expect(() => deployment({ stage })).toThrow('The stage is invalid: expected up to 16');
  }
});

test('resources are tagged with their stage', () => {
  for (const [each, stage] of [
    [usual, 'default'],
    [staging, 'staging'],
  ] as const) {
    each.workflow.hasResourceProperties('AWS::SQS::Queue', {
      Tags: [
        { Key: 'application', Value: 'user-onboarding' },
        { Key: 'stage', Value: stage },
      ],
    });
  }
});

/** Synthesizes, and compares the workflow stack with the default one by `cdk diff`. */
function diff(name: string, context: Record<string, unknown>) {
  vi.stubEnv('CDK_VALIDATION', 'false');
  vi.stubEnv('CDK_OUTDIR', join(folder, name));
  deployment({ 'aws:cdk:bundling-stacks': [], ...context }).app.synth();
  const app = ['--app', join(folder, name), '--no-notices', '--no-color'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      'node_modules/aws-cdk/bin/cdk',
      ...app,
      'diff',
      'user-onboarding',
      '--template',
      deployed,
      '--fail',
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, AWS_REGION: 'us-east-1' } },
  );
  return { status, text: stripVTControlCharacters(stdout + stderr) };
}

test('cdk diff finds no differences without a change', () => {
  const { status, text } = diff('default', {});
  expect(text).toContain('There were no differences');
  expect(status).toBe(0);
});

test('cdk diff of another stage finds only other names, and no other resources', () => {
  const { status, text } = diff('staging', { stage: 'staging' });
  expect(status).toBe(1);
  expect(text).toContain('[+] staging-user-onboarding-api');
  expect(text).toMatch(/^\[~\] AWS::/m);
  expect(text).not.toMatch(/^\[[+-]\] AWS::/m);
});

test.each(['workflow', 'service', 'webFunction'] as const)(
  'the stack of the %s is protected against deletion',
  (stack) => {
    expect(deployment()[stack].terminationProtection).toBe(true);
  },
);
