import { describe, expect, test } from 'vitest';
import { canonicalInput, onboardingRequestSchema } from '../../src/onboarding/request.ts';
import { onboardingRequest } from '../support/app.ts';

const { metadata: _metadata, ...user } = onboardingRequest().user;

/** The errors of the body, as `path: message`. */
function errorsIn(body: unknown): string[] {
  const { error } = onboardingRequestSchema.safeParse(body);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const input = (body: unknown) => canonicalInput(onboardingRequestSchema.parse(body));

const notUnicode = 'Must be well-formed Unicode';
const notADate = 'Must be an ISO 8601 date-time with an offset or Z';
const notAnAddress = 'Must be an e-mail address';

describe('an invalid member gives its path and its rule', () => {
  test.each<[member: keyof typeof user, value: unknown, message: string]>([
    ['userId', undefined, 'Required'],
    ['userId', null, 'Must be a string'],
    ['userId', 88888, 'Must be a string'],
    ['userId', '', 'Must not be blank'],
    ['userId', ' \t\n\u00a0\u3000', 'Must not be blank'],
    ['userId', 'x'.repeat(129), 'Must be at most 128 characters'],
    ['userId', '🎉'.repeat(129), 'Must be at most 128 characters'],
    ['userId', 'half an emoji: \ud83c', notUnicode],
    ['userId', 'the other half: \udf89', notUnicode],
    ['email', undefined, 'Required'],
    ['email', ['jane@example.com'], 'Must be a string'],
    ['email', 'jane', notAnAddress],
    ['email', '\ud83c@example.com', notAnAddress],
    ['name', undefined, 'Required'],
    ['name', { first: 'Jane' }, 'Must be a string'],
    ['name', ' ', 'Must not be blank'],
    ['name', 'x'.repeat(257), 'Must be at most 256 characters'],
    ['name', '\udfff', notUnicode],
    ['signupDate', undefined, 'Required'],
    ['signupDate', 1762770600, 'Must be a string'],
    ['signupDate', '2025-11-10', notADate],
    ['signupDate', '2025-11-10T10:30:00', notADate],
    ['signupDate', '2025-02-30T10:30:00Z', notADate],
    ['signupDate', '2025-11-10T25:30:00Z', notADate],
    ['signupDate', '2025-11-10 10:30:00Z', notADate],
    ['signupDate', 'yesterday', notADate],
    ['source', undefined, 'Required'],
    ['source', true, 'Must be a string'],
    ['source', '', 'Must not be blank'],
    ['source', 'x'.repeat(65), 'Must be at most 64 characters'],
  ])('%s %j: %s', (member, value, message) => {
    expect(errorsIn({ user: { ...user, [member]: value } })).toEqual([
      `user.${member}: ${message}`,
    ]);
  });

  test.each<[metadata: unknown, finding: string]>([
    ['FRIEND2025', 'user.metadata: Must be an object'],
    [['FRIEND2025'], 'user.metadata: Must be an object'],
    [{ referralCode: 2025 }, 'user.metadata.referralCode: Must be a string'],
    [{ referralCode: false }, 'user.metadata.referralCode: Must be a string'],
    [{ referralCode: ' ' }, 'user.metadata.referralCode: Must not be blank'],
    [{ country: '' }, 'user.metadata.country: Must not be blank'],
    [{ country: '\ud800' }, `user.metadata.country: ${notUnicode}`],
    ...[null, ['a'], { a: 1 }, '\ud800', 2 ** 53, -(2 ** 53), 1e300, Number.POSITIVE_INFINITY].map(
      (value): [unknown, string] => [
        { plan: value },
        'user.metadata.plan: Must be a string of well-formed Unicode, a boolean, or a number within ±(2^53 - 1) that a double represents exactly; send other numbers as strings',
      ],
    ),
  ])('metadata %j: %s', (metadata, finding) => {
    expect(errorsIn({ user: { ...user, metadata } })).toEqual([finding]);
  });

  test.each<[body: unknown, finding: string]>([
    [null, ': Must be a JSON object'],
    ['text', ': Must be a JSON object'],
    [[], ': Must be a JSON object'],
    [{}, 'user: Required'],
    [{ user: null }, 'user: Must be an object'],
    [{ user: 'user-88888' }, 'user: Must be an object'],
    [{ user: [user] }, 'user: Must be an object'],
  ])('the body %j: %s', (body, finding) => {
    expect(errorsIn(body)).toEqual([finding]);
  });

  test('along with every other invalid member', () => {
    const { userId, email, ...others } = user;
    expect(errorsIn({ user: { ...others, metadata: { country: 1, plan: null } } })).toEqual([
      'user.userId: Required',
      'user.email: Required',
      'user.metadata.country: Must be a string',
      expect.stringMatching(/^user\.metadata\.plan: /),
    ]);
  });
});

describe('a valid member reaches the workflow as it was sent', () => {
  test.each<[member: keyof typeof user, value: string]>([
    ['userId', 'x'.repeat(128)],
    ['userId', '🎉'.repeat(128)],
    ['userId', ' Ünïcødé / "quoted" \\ \u0000 '],
    ['email', 'jürgen@exämple.com'],
    ['email', "o'hara+news@mail.example.com"],
    ['name', 'x'.repeat(256)],
    ['name', '名前'],
    ['signupDate', '2025-11-10T10:30:00.123456789Z'],
    ['signupDate', '2025-11-10T10:30:00+05:45'],
    ['signupDate', '2024-02-29T23:59:59-08:00'],
    ['source', 'x'.repeat(64)],
  ])('%s %j', (member, value) => {
    const sent = { user: { ...user, [member]: value } };
    expect(input(sent)).toBe(JSON.stringify(sent));
  });

  test.each([
    { referralCode: 'not checked here' },
    { country: 'x'.repeat(1000) },
    { a: '', b: false, c: 0, d: -0.5, e: Number.MAX_SAFE_INTEGER, f: Number.MIN_SAFE_INTEGER },
  ])('metadata %j', (metadata) => {
    const sent = { user: { ...user, metadata } };
    expect(input(sent)).toBe(JSON.stringify(sent));
  });
});

test('at most 1,000 errors of further metadata are reported, and all of the other members', () => {
  const metadata = {
    referralCode: 1,
    ...Object.fromEntries(numbers(1001).map((n) => [`m${n}`, []])),
  };
  const found = errorsIn({ user: { ...user, name: '', metadata } });
  expect(found).toHaveLength(1 + 1 + 1000);
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
