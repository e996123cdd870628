import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, expect, vi } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import type { WorkflowSource } from '../../src/deploy/workflow/workflow-stack.ts';

/** The output folder of the CDK for the tests of one file. */
export function outputFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'user-onboarding-synth-'));
  vi.stubEnv('CDK_OUTDIR', folder);
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/**
 * The templates of all stacks, without the slow parts of a synthesis: the rules of the CDK and the
 * bundling of functions. `app.test.ts` tests those.
 */
export function templates(
  context: Readonly<Record<string, unknown>> = {},
  source?: WorkflowSource,
) {
  vi.stubEnv('CDK_VALIDATION', 'false');
  const { workflow, service, webFunction, statuses } = deployment(
    { 'aws:cdk:bundling-stacks': [], ...context },
    source,
  );
  return {
    workflow: Template.fromStack(workflow),
    service: Template.fromStack(service),
    webFunction: Template.fromStack(webFunction),
    statuses: Template.fromStack(statuses),
  };
}

/** The properties of the only resource of a type, or of the only one with some properties. */
export function properties(template: Template, type: string, some: object = {}) {
  return template.toJSON().Resources[logicalId(template, type, some)].Properties;
}

/** The logical id of the only resource of a type, or of the only one with some properties. */
export function logicalId(template: Template, type: string, some: object = {}): string {
  const found = Object.keys(template.findResources(type, { Properties: some }));
  expect(found, `${type} with ${JSON.stringify(some)}`).toHaveLength(1);
  return found[0] ?? '';
}

/**
 * A value with each reference written as `<Id>` or `<Id.Attribute>`, and joined texts as one string.
 */
export function readable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => {
    if (part?.Ref) return `<${part.Ref}>`;
    if (part?.['Fn::Split']) return part['Fn::Split'][1];
    if (part?.['Fn::Select']) return `part ${part['Fn::Select'].join(' of ')}`;
    if (part?.['Fn::GetAtt']) return `<${part['Fn::GetAtt'].join('.')}>`;
    return part?.['Fn::Join'] ? part['Fn::Join'][1].join('') : part;
  });
}
