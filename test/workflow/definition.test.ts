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

test('the definition is valid Amazon States Language once its placeholders are filled in', () => {
  expect(validate(definition).errorsText('\n')).toBe('');
});

test('the workflow gives up before Step Functions cuts an Express execution off, at 300 s', () => {
  expect(definition.TimeoutSeconds).toBeLessThan(300);
});

test('a placeholder that nothing fills in is an error that names it', () => {
  expect(() => fillIn(readDefinition(), new Map([['Partition', 'aws']]))).toThrow(
    'src/workflow/resources.ts has no entry UsersTable',
  );
});

test('what is not YAML is an error that says where', () => {
  const wrong = () => parseDefinition('States:\n    SaveUser:\n  Wrong: 1\n');
  expect(wrong).toThrow(InvalidWorkflow);
  expect(wrong).toThrow(/^config\/user-onboarding\.asl\.yaml: .* at line \d+, column \d+/);
});

test('an expression over several lines becomes one; another text stays as it is', () => {
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
