import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indented } from '../../../src/local-aws/console/page/json-text.ts';

test('JSON is indented as by JSON.stringify', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(indented(text)).toBe(JSON.stringify(JSON.parse(text), undefined, 2));
    }),
  );
});

test('numbers and duplicate names are kept as they are written', () => {
  expect(indented('{"a":9007199254740993,"a":1e400,"b":-0}')).toBe(
    '{\n  "a": 9007199254740993,\n  "a": 1e400,\n  "b": -0\n}',
  );
});

test.each(['', 'text', '{', '{"a":1} 2'])(
  '%j, which is not JSON, is returned unchanged',
  (text) => {
    expect(indented(text)).toBe(text);
  },
);

test('the beginning of a long text is enough', () => {
  const text = JSON.stringify(Array.from({ length: 1000 }, (_, index) => index));
  const beginning = indented(text, 100);
  expect(indented(text).startsWith(beginning)).toBe(true);
  expect(beginning.length).toBeLessThan(110);
});
