import { expect, test } from 'vitest';
import {
  InvalidIdempotencyKey,
  parseIdempotencyKey,
} from '../../src/onboarding/idempotency-key.ts';

test.each([
  ['a string', '"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['a string with spaces around', '  "a key" ', 'a key'],
  ['a string with escapes', String.raw`"a \"quoted\" \\ key"`, String.raw`a "quoted" \ key`],
  ['a string with parameters, which are ignored', '"key";version=2', 'key'],
  ['a token', 'signup-88888', 'signup-88888'],
  ['a token that starts with a digit', '8e03978e-40d5', '8e03978e-40d5'],
  ['a token that looks like a number', '42', '42'],
  ['a string of 255 characters', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ['a token of 255 characters', 'k'.repeat(255), 'k'.repeat(255)],
])('%s is a key', (_what, field, key) => {
  expect(parseIdempotencyKey(field)).toBe(key);
});

test.each([
  ['an empty field', ''],
  ['a blank field', '   '],
  ['an empty string', '""'],
  ['a string of 256 characters', `"${'k'.repeat(256)}"`],
  ['a token of 256 characters', 'k'.repeat(256)],
  ['a string without its closing quote', '"key'],
  ['a string without its opening quote', 'key"'],
  ['two strings', '"a" "b"'],
  ['a list, as Node joins a field that is sent twice', '"a", "b"'],
  ['two words', 'a key'],
  ['two words in single quotes', "'a key'"],
  ['a string outside ASCII', '"clé"'],
  ['a token outside ASCII', 'clé'],
  ['a string with no-break spaces around', '\u00a0"key"\u00a0'],
  ['a control character', '"a\tkey"'],
  ['an unknown escape', String.raw`"a\n"`],
  ['a byte sequence', ':a2V5:'],
  ['an inner list', '("key")'],
  ['a boolean', '?1'],
])('%s is invalid', (_what, field) => {
  expect(() => parseIdempotencyKey(field)).toThrow(InvalidIdempotencyKey);
});
