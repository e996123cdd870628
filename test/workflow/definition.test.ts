import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { expect, test } from 'vitest';
import {
  fillIn,
  InvalidWorkflow,
  parseDefinition,
  readDefinition,
} from '../../src/workflow/definition.ts';
import { workflowDefinition } from '../support/workflow.ts';

const definition = workflowDefinition();

test('the definition is valid Amazon States Language after its placeholders are filled in', () => {
  expect(validate(definition).errorsText('\n')).toBe('');
});

test('TimeoutSeconds is below 300, at which Step Functions ends an Express execution', () => {
  expect(definition.TimeoutSeconds).toBeLessThan(300);
});

test('a placeholder without a value throws an error with its name', () => {
  expect(() => fillIn(readDefinition(), new Map([['Partition', 'aws']]))).toThrow(
    'src/workflow/resources.ts has no entry UsersTable',
  );
});

test('invalid YAML throws an error with its line and column', () => {
  const wrong = () => parseDefinition('States:\n    SaveUser:\n  Wrong: 1\n');
  expect(wrong).toThrow(InvalidWorkflow);
  expect(wrong).toThrow(/^config\/user-onboarding\.asl\.yaml: .* at line \d+, column \d+/);
});

test('an expression over several lines is joined into one line; other text is unchanged', () => {
  const yaml = 'Expression: |-\n  {%\n    $a +\n      $b\n  %}\nText: |-\n  a\n    b\n';
  expect(parseDefinition(yaml)).toEqual({ Expression: '{% $a + $b %}', Text: 'a\n  b' });
});

test('npm run workflow:json prints the definition, with its placeholders', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [, script = ''] = /^node (\S+)$/.exec(scripts['workflow:json']) ?? [];
  const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual(readDefinition());
  expect(printed).toMatch(/"QueueUrl": "\$\{UserOnboardedQueue\}"/);
});
