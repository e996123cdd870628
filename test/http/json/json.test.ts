import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidJson, parseJson } from '../../../src/http/json/json.ts';
import { findSyntaxError } from '../../../src/http/json/json-syntax.ts';

/** Where the text stops being JSON, as `line:column`, with `(end)` if the text ends there. */
function errorIn(text: string): string | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    const { line, column, isEnd } = error.position;
    return `${line}:${column}${isEnd ? ' (end)' : ''}`;
  }
}

describe('the position of a syntax error', () => {
  test.each([
    ['user-88888', '1:1'],
    ['{user: 1}', '1:2'],
    ["{'user': 1}", '1:2'],
    ['{"user": user-1}', '1:10'],
    ['{"user": 1,}', '1:12'],
    ['[1, 2,]', '1:7'],
    ['{"a" 1}', '1:6'],
    ['{"a": 1 "b": 2}', '1:9'],
    ['{"a": 01}', '1:8'],
    ['{"a": .5}', '1:7'],
    ['{"a": NaN}', '1:7'],
    ['{"a": tru}', '1:7'],
    ['{"a": "\\x"}', '1:8'],
    ['{"a": "two\nlines"}', '1:11'],
    ['{"a": 1}{}', '1:9'],
    ['[1}', '1:3'],
    ['{\n  "a": 1,\r\n  b: 2\n}', '3:3'],
    ['\u00a0{}', '1:1'],
    ['', '1:1 (end)'],
    [' \n', '2:1 (end)'],
    ['{"a": 1', '1:8 (end)'],
    ['{"a": "b', '1:9 (end)'],
    ['{"a":\n', '2:1 (end)'],
    ['[', '1:2 (end)'],
  ])('in %j is %s', (text, place) => {
    expect(errorIn(text)).toBe(place);
  });

  test('is found if and only if JSON.parse rejects the text', () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value, null, 1));
    const character = fc.oneof(
      fc.constantFrom(...'{}[],:"\\ \n\t0123456789.eE+-tfnu\u007f\u0000/'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    const mutated = fc
      .tuple(json, fc.nat(), fc.nat(3), fc.array(character, { maxLength: 3 }))
      .map(([text, seed, removed, added]) => {
        const at = seed % (text.length + 1);
        return text.slice(0, at) + added.join('') + text.slice(at + removed);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        const offset = findSyntaxError(text);
        expect(offset !== undefined).toBe(isRejected(text));
        // The text before it may be the beginning of JSON.
        const before = text.slice(0, offset);
        if (offset !== undefined) expect([offset, undefined]).toContain(findSyntaxError(before));
      }),
      { numRuns: 5000 },
    );
  });
});

function isRejected(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

test('a member named __proto__ becomes data, not the prototype', () => {
  const value = parseJson('{"__proto__": {"admin": true}}');
  expect(Object.entries(Object(value))).toEqual([['__proto__', { admin: true }]]);
  expect(Object(value).admin).toBeUndefined();
});
