import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalWriter, InputTooLarge } from '../../src/onboarding/canonical-input.ts';
import { memberNameNormaliser } from '../../src/onboarding/member-names.ts';
import { canonicalInput, onboardingRequestSchema } from '../../src/onboarding/request.ts';
import { onboardingRequest } from '../support/app.ts';

const { metadata: _metadata, ...user } = onboardingRequest().user;
const withoutMetadata = JSON.stringify({ user });

const input = (body: unknown) => canonicalInput(onboardingRequestSchema.parse(body));

test.each([undefined, null, {}, { referralCode: null }, { country: null, referralCode: null }])(
  'metadata %j is left out',
  (metadata) => {
    expect(input({ user: { ...user, metadata } })).toBe(withoutMetadata);
  },
);

test('an optional member that is null is left out', () => {
  expect(
    input({ user: { ...user, metadata: { referralCode: null, country: null, plan: 'pro' } } }),
  ).toBe(JSON.stringify({ user: { ...user, metadata: { plan: 'pro' } } }));
});

test('further metadata follows the known members, sorted by code unit', () => {
  const metadata = { zebra: 1, 10: 2, country: 'US', 9: 3, Ä: 4, a: 5, referralCode: 'A1', Z: 6 };
  expect(input({ user: { ...user, metadata } })).toBe(
    `${withoutMetadata.slice(0, -2)},"metadata":{"referralCode":"A1","country":"US","10":2,"9":3,"Z":6,"a":5,"zebra":1,"Ä":4}}}`,
  );
});

test('metadata in any order gives the same bytes, and is complete', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !['__proto__', 'referralCode', 'country'].includes(text));
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean());
  const metadata = fc.dictionary(name, value, { minKeys: 1 });
  fc.assert(
    fc.property(metadata, fc.infiniteStream(fc.nat()), (members, random) => {
      const shuffled = Object.entries(members)
        .map((entry) => ({ entry, at: random.next().value }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ entry }) => entry);
      const once = input({ user: { ...user, metadata: members } });
      const again = input({ user: { ...user, metadata: Object.fromEntries(shuffled) } });
      expect(again).toBe(once);
      expect(JSON.parse(once).user.metadata).toEqual({ ...members });
    }),
  );
});

test('the input may have at most 262,144 bytes of UTF-8', () => {
  const of = (text: string) => input({ user: { ...user, metadata: { text } } });
  const room = 262_144 - Buffer.byteLength(of(''));
  expect(Buffer.byteLength(of('x'.repeat(room)))).toBe(262_144);
  expect(() => of('x'.repeat(room + 1))).toThrow(InputTooLarge);
  expect(() => of('é'.repeat(room / 2 + 1))).toThrow(InputTooLarge);
});

test('25,000 members of metadata are kept, and 39,000 are too large', () => {
  const of = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => index.toString(36));
    const metadata = Object.fromEntries(names.map((name) => [name, 0]));
    return JSON.parse(input({ user: { ...user, metadata } })).user.metadata;
  };
  expect(Object.keys(of(25_000))).toHaveLength(25_000);
  expect(() => of(39_000)).toThrow(InputTooLarge);
});

describe('a member added to the schema', () => {
  const address = z.object({ postalCode: z.string(), city: z.string().nullish() });
  const { user: userSchema } = onboardingRequestSchema.shape;
  const schema = onboardingRequestSchema.extend({
    user: userSchema.extend({ addedText: z.string(), addedObject: address.optional() }),
  });
  const normalise = memberNameNormaliser(schema);
  const write = canonicalWriter(schema);

  test('arrives in the input of the workflow, from any case of its name, in the order of the schema', () => {
    const body = {
      User: {
        added_object: { City: null, POSTAL_CODE: '3011', unknown: 1 },
        Added_Text: 'de',
        ...onboardingRequest().user,
      },
    };
    const expected = {
      user: {
        ...onboardingRequest().user,
        addedText: 'de',
        addedObject: { postalCode: '3011' },
      },
    };
    expect(write(schema.parse(normalise(body)))).toBe(JSON.stringify(expected));
  });

  test('is required like any other', () => {
    const { error } = schema.safeParse(normalise(onboardingRequest()));
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['user.addedText']);
  });

  test('is refused in two spellings, with its path', () => {
    const body = { user: { addedObject: { postalCode: '1', PostalCode: '2' } } };
    expect(() => normalise(body)).toThrow(
      expect.objectContaining({
        name: 'AmbiguousMember',
        path: 'user.addedObject.postalCode',
      }),
    );
  });
});
