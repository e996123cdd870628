import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { environmentSchema, readSettings } from '../../src/settings.ts';

const required = {
  STEP_FUNCTIONS_WORKFLOW_ARN: 'arn:aws:states:eu-west-1:123456789012:stateMachine:a',
  STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: 'arn:aws:states:eu-west-1:123456789012:stateMachine:b',
};

test('.env.example sets the required variables, and has the defaults of all others in comments', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  expect(Object.keys(parse(example))).toEqual(Object.keys(required));
  const all = parse(example.replaceAll(/^# ?(?=[A-Z_]+=)/gm, ''));
  expect(Object.keys(all)).toEqual(Object.keys(environmentSchema.shape));
  expect(readSettings({ ...all, ...required })).toEqual(readSettings(required));
});

test('the table in config/README.md has a row for each variable, with its default', () => {
  const readme = readFileSync(new URL('../../config/README.md', import.meta.url), 'utf8');
  const [section = ''] = readme.match(/^## Settings\n[^#]*/m) ?? [];
  const rows = section.match(/^\| `[A-Z_]+` \|.*$/gm) ?? [];
  expect(rows.map((row) => row.split('`')[1])).toEqual(Object.keys(environmentSchema.shape));
  expect(rows).toContainEqual(
    '| `STEP_FUNCTIONS_WORKFLOW_ARN` | The Standard state machine | required |',
  );
  expect(rows).toContainEqual(
    '| `AWS_REGION` | Must be the Region in the ARNs, if set | the Region in the ARNs |',
  );
  expect(rows).toContainEqual('| `LOG_LEVEL` | The lowest level that is logged (pino) | `info` |');
});
