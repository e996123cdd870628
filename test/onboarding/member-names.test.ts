import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AmbiguousMember } from '../../src/onboarding/member-names.ts';
import {
  canonicalInput,
  normaliseMemberNames,
  onboardingRequestSchema,
} from '../../src/onboarding/request.ts';
import { onboardingRequest } from '../support/app.ts';

type Style = (words: readonly string[]) => string;

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const camelCase: Style = ([first = '', ...others]) => first + others.map(capitalised).join('');

/** The ways to write a name of the schema. */
const styles: readonly Style[] = [
  camelCase,
  (words) => words.map(capitalised).join(''),
  (words) => words.join('_'),
  (words) => words.join('_').toUpperCase(),
  (words) => words.join('-'),
  (words) => words.map(capitalised).join('-'),
  (words) => words.join(''),
  (words) => words.join('').toUpperCase(),
];

/** An object with these members in any order, each name in any of the styles. */
function written(
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  unchanged: Readonly<Record<string, unknown>> = {},
): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(members).map(([name, value]) =>
    fc.tuple(
      fc.constantFrom(...styles).map((style) => style(name.split(' '))),
      value,
    ),
  );
  entries.push(...Object.entries(unchanged).map((entry) => fc.constant(entry)));
  return fc
    .tuple(...entries)
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
    .map((chosen) => Object.fromEntries(chosen));
}

const input = (body: unknown) =>
  canonicalInput(onboardingRequestSchema.parse(normaliseMemberNames(body)));

test('a request gives the same bytes in any case and order of its names', () => {
  const metadata = written(
    { 'referral code': fc.constant('FRIEND2025'), country: fc.constant('US') },
    { UTM_Source: 'a', utmSource: 'b', '1.5': 'c', 2: 2, 10: true, 'order-42': 'd' },
  );
  const { metadata: _metadata, ...example } = onboardingRequest('user-1').user;
  const { userId, signupDate, ...others } = example;
  const user = written(
    { 'user id': fc.constant(userId), 'signup date': fc.constant(signupDate), metadata },
    others,
  );
  fc.assert(
    fc.property(written({ user }), (body) => {
      expect(input(body)).toBe(
        `{"user":${JSON.stringify(example).slice(0, -1)},"metadata":{"referralCode":"FRIEND2025","country":"US","1.5":"c","10":true,"2":2,"UTM_Source":"a","order-42":"d","utmSource":"b"}}}`,
      );
    }),
  );
});

test('unknown members outside metadata are dropped', () => {
  expect(
    normaliseMemberNames({
      traceId: 1,
      user: {
        userId: 'user-1',
        unknownText: 'a',
        unknownObject: { plan: 'a' },
        metadata: { plan: 'a' },
      },
    }),
  ).toEqual({ user: { userId: 'user-1', metadata: { plan: 'a' } } });
});

describe('two spellings of one member are refused', () => {
  test.each([
    ['user', { user: {}, User: {} }],
    ['user.userId', { user: { userId: 'a', user_id: 'a' } }],
    ['user.signupDate', { user: { SIGNUPDATE: 'a', 'signup-date': 'b' } }],
    [
      'user.metadata.referralCode',
      { user: { metadata: { referralCode: 'a', ReferralCode: 'b' } } },
    ],
    ['user.metadata.country', { user: { metadata: { COUNTRY: 'US', country: null } } }],
  ])('%s', (path, body) => {
    expect(() => normaliseMemberNames(body)).toThrow(
      expect.objectContaining({ name: 'AmbiguousMember', path }),
    );
    expect(() => normaliseMemberNames(body)).toThrow(AmbiguousMember);
  });

  test('except of an unknown member', () => {
    expect(normaliseMemberNames({ user: {}, other: 1, Other: 2 })).toEqual({ user: {} });
  });
});

test.each([[null], ['text'], [7], [[{ user: {} }]], [{}], [{ user: null }], [{ user: ['a'] }]])(
  '%j, which is not a request, is unchanged for the schema to refuse',
  (body) => {
    expect(normaliseMemberNames(body)).toEqual(body);
  },
);

test('metadata that is not an object is unchanged for the schema to refuse', () => {
  expect(normaliseMemberNames({ User: { Metadata: ['a'] } })).toEqual({
    user: { metadata: ['a'] },
  });
});

describe('further members of metadata keep their names', () => {
  test.each([
    'UTM_Source',
    'order-42',
    '1.5',
    '-0',
    '007',
    'a b',
    ' ',
    'user.id',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'proto',
    'Straße',
    'İ',
    '🎉',
    '\u0000',
    'a'.repeat(128),
    '🎉'.repeat(128),
  ])('%j', (name) => {
    const body = { user: { metadata: { [name]: 'a' } } };
    expect(normaliseMemberNames(body)).toEqual(body);
    const { user } = onboardingRequest();
    const request = { user: { ...user, metadata: { [name]: 'a' } } };
    expect(input(request)).toBe(JSON.stringify(request));
  });

  test('whatever the case of the other names', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(name, fc.constant('a'), { noNullPrototype: true }), (metadata) => {
        const further = Object.fromEntries(
          Object.entries(metadata).filter(
            ([each]) =>
              each !== '__proto__' &&
              !/^(country|referralcode)$/i.test(each.replaceAll(/[_-]/g, '')),
          ),
        );
        expect(normaliseMemberNames({ User: { MetaData: further } })).toEqual({
          user: { metadata: further },
        });
      }),
    );
  });

  test.each([
    ['', 'Names must not be empty'],
    ['a'.repeat(129), 'Names must be at most 128 characters'],
    ['🎉'.repeat(129), 'Names must be at most 128 characters'],
    ['a_'.repeat(500_000), 'Names must be at most 128 characters'],
    ['\ud83c', 'Names must be well-formed Unicode'],
    ['__proto__', 'The name __proto__ is not allowed'],
  ])('but %.20j is refused: %s', (name, message) => {
    // In an object literal, __proto__ would set the prototype.
    const body = JSON.parse(`{"user":{"metadata":{${JSON.stringify(name)}:"a"}}}`);
    expect(() => normaliseMemberNames(body)).toThrow(
      expect.objectContaining({ name: 'InvalidMemberName', path: 'user.metadata', message }),
    );
  });
});

test('special and long unknown names outside metadata are dropped', () => {
  const body = JSON.parse(
    `{"__proto__":{"user":1},"constructor":1,"user":{"__proto__":{"userId":"b"},"${'aA'.repeat(1000)}":1,"":2,"userId":"a"}}`,
  );
  const normalised = normaliseMemberNames(body);
  expect(normalised).toEqual({ user: { userId: 'a' } });
  expect(Object.getPrototypeOf(normalised)).toBe(Object.prototype);
});
