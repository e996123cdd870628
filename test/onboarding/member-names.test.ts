import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AmbiguousMember, normaliseMemberNames } from '../../src/onboarding/member-names.ts';
import { canonicalInput, onboardingRequestSchema } from '../../src/onboarding/request.ts';

type Style = (words: readonly string[]) => string;

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const camelCase: Style = ([first = '', ...others]) => first + others.map(capitalised).join('');

/** How a name may be written so that its words can still be told. */
const styles: readonly Style[] = [
  camelCase,
  (words) => words.map(capitalised).join(''),
  (words) => words.join('_'),
  (words) => words.join('_').toUpperCase(),
  (words) => words.join('-'),
  (words) => words.map(capitalised).join('-'),
];
/** The words of a name that is known may run together as well. */
const stylesOfKnown: readonly Style[] = [
  ...styles,
  (words) => words.join(''),
  (words) => words.join('').toUpperCase(),
];

/** An object of these members in any order, each name in any of the styles. */
function written(
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  stylesOf: (name: string) => readonly Style[] = () => stylesOfKnown,
): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(members).map(([name, value]) =>
    fc.tuple(
      fc.constantFrom(...stylesOf(name)).map((style) => style(name.split(' '))),
      value,
    ),
  );
  return fc
    .tuple(...entries)
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
    .map((chosen) => Object.fromEntries(chosen));
}

const input = (body: unknown) =>
  canonicalInput(onboardingRequestSchema.parse(normaliseMemberNames(body)));

test('the same request gives the same bytes, whatever the case and order of its names', () => {
  const metadata = written(
    {
      'referral code': fc.constant('FRIEND2025'),
      country: fc.constant('US'),
      'favourite colour': fc.constant('blue'),
      2: fc.constant(2),
      10: fc.constant(true),
    },
    (name) => (['referral code', 'country'].includes(name) ? stylesOfKnown : styles),
  );
  const user = written({
    'user id': fc.constant('user-1'),
    email: fc.constant('jane@example.com'),
    name: fc.constant('Jane Doe'),
    'signup date': fc.constant('2025-11-10T10:30:00Z'),
    source: fc.constant('web'),
    metadata,
  });
  fc.assert(
    fc.property(written({ user }), (body) => {
      expect(input(body)).toBe(
        '{"user":{"userId":"user-1","email":"jane@example.com","name":"Jane Doe","signupDate":"2025-11-10T10:30:00Z","source":"web","metadata":{"referralCode":"FRIEND2025","country":"US","10":true,"2":2,"favouriteColour":"blue"}}}',
      );
    }),
  );
});

test('members that nobody knows are dropped, outside metadata', () => {
  expect(
    normaliseMemberNames({
      traceId: 1,
      user: { userId: 'user-1', role: 'admin', address: { city: 'Bern' }, metadata: { plan: 'a' } },
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
    [
      'user.metadata.favouriteColour',
      { user: { metadata: { favouriteColour: 1, FavouriteColour: 1 } } },
    ],
  ])('%s', (path, body) => {
    expect(() => normaliseMemberNames(body)).toThrow(
      expect.objectContaining({ name: 'AmbiguousMember', path }),
    );
    expect(() => normaliseMemberNames(body)).toThrow(AmbiguousMember);
  });

  test('unless nobody knows the member', () => {
    expect(normaliseMemberNames({ user: {}, other: 1, Other: 2 })).toEqual({ user: {} });
  });
});

test.each([[null], ['text'], [7], [[{ user: {} }]], [{}], [{ user: null }], [{ user: ['a'] }]])(
  'what is no request is left for the schema to refuse: %j',
  (body) => {
    expect(normaliseMemberNames(body)).toEqual(body);
  },
);

test('metadata that is no object is left for the schema to refuse', () => {
  expect(normaliseMemberNames({ User: { Metadata: ['a'] } })).toEqual({
    user: { metadata: ['a'] },
  });
});

test('names that objects have by themselves are names like any other', () => {
  const body = JSON.parse('{"user": {"metadata": {"constructor": "a", "toString": "b"}}}');
  const { user } = Object(normaliseMemberNames(body));
  expect(Object.entries(user.metadata)).toEqual([
    ['constructor', 'a'],
    ['toString', 'b'],
  ]);
});

test('a name in metadata has at most 128 characters, for converting a long one takes minutes', () => {
  const named = (length: number) => ({ user: { metadata: { ['a'.repeat(length)]: 1 } } });
  expect(normaliseMemberNames(named(128))).toEqual(named(128));
  const message = 'Names must be at most 128 characters';
  expect(() => normaliseMemberNames(named(129))).toThrow(
    expect.objectContaining({ findings: [{ path: 'user.metadata', message }] }),
  );
});

test('a long name outside metadata is dropped like any other', () => {
  expect(normaliseMemberNames({ user: { ['aA'.repeat(1000)]: 1 } })).toEqual({ user: {} });
});
