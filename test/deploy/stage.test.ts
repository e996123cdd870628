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

/** Every name that a template gives: `AWS::SQS::Queue QueueName user-onboarded`. */
function namesIn(each: Templates): string[] {
  return Object.values(each).flatMap((template) =>
    Object.values<Resource>(template.toJSON().Resources).flatMap(({ Type, Properties = {} }) =>
      Object.entries(Properties)
        .filter(([property, value]) => isName(property) && typeof value === 'string')
        .filter(() => !isWithinNamed.has(Type))
        .map(([property, value]) => `${Type} ${property} ${value}`),
    ),
  );
}

/** Types whose names are only unique in a namespace or in a function, whose name has the stage. */
const isWithinNamed = new Set([
  'AWS::ServiceDiscovery::Service',
  'AWS::Lambda::WebFunctionEndpoint',
]);

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A name that a stage must change, unlike those of parts of one resource or of AWS's services. */
function isName(property: string): boolean {
  return /^(\w*Name)$/.test(property) && !/^(Stage|Service|Policy|Metric)Name/.test(property);
}

test('without a stage, names are those that callers know', () => {
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

test('a stage names everything', () => {
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

test('no name of one stage is one of another', () => {
  const names = [usual, staging, express].flatMap(namesIn);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("a stage leaves IAM's names, which all Regions share, to CloudFormation", () => {
  expect(namesIn(staging).filter((name) => name.startsWith('AWS::IAM::'))).toEqual([]);
});

test('a stage is a part of names', () => {
  for (const stage of ['Staging', '-a', 'a_b', 'a'.repeat(17)]) {
    expect(() => deployment({ stage })).toThrow('The stage is wrong: expected up to 16');
  }
});

test('everything is tagged with its stage', () => {
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

/** Synthesizes, and compares the workflow's stack by `cdk diff` with the default one. */
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

test('cdk diff finds nothing where nothing has changed', () => {
  const { status, text } = diff('default', {});
  expect(text).toContain('There were no differences');
  expect(status).toBe(0);
});

test('cdk diff finds other names in another stage, and no other resources', () => {
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
