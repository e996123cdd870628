import { expect, test } from 'vitest';
import {
  InvalidIdempotencyKey,
  parseIdempotencyKey,
} from '../../src/onboarding/idempotency-key.ts';

test('without the field there is no key', () => {
  expect(parseIdempotencyKey(undefined)).toBeUndefined();
});

test.each([
  ['a string', '"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['a string with spaces around', '  "a key"\t', 'a key'],
  ['a string with escapes', String.raw`"a \"quoted\" \\ key"`, String.raw`a "quoted" \ key`],
  ['a string with parameters, which mean nothing here', '"key";version=2', 'key'],
  ['a token', 'signup-88888', 'signup-88888'],
  ['a token that starts with a digit', '8e03978e-40d5', '8e03978e-40d5'],
  ['a token that looks like a number', '42', '42'],
  ['a string of 255 characters', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ['a token of 255 characters', 'k'.repeat(255), 'k'.repeat(255)],
])('a key is %s', (_what, field, key) => {
  expect(parseIdempotencyKey(field)).toBe(key);
});

test.each([
  ['nothing', ''],
  ['blank', '   '],
  ['an empty string', '""'],
  ['256 characters in quotes', `"${'k'.repeat(256)}"`],
  ['256 characters', 'k'.repeat(256)],
  ['a string without its end', '"key'],
  ['a string without its start', 'key"'],
  ['two strings', '"a" "b"'],
  ['a list', '"a", "b"'],
  ['two words', 'a key'],
  ['single quotes and a space', "'a key'"],
  ['outside ASCII', '"clé"'],
  ['a token outside ASCII', 'clé'],
  ['a control character', '"a\tkey"'],
  ['an unknown escape', String.raw`"a\n"`],
  ['bytes', ':a2V5:'],
  ['an inner list', '("key")'],
  ['a boolean', '?1'],
  ['a field sent twice', ['"a"', '"a"']],
])('%s is no key', (_what, field) => {
  expect(() => parseIdempotencyKey(field)).toThrow(InvalidIdempotencyKey);
});
