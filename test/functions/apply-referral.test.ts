import { describe, expect, test } from 'vitest';
import { handler, InvalidReferralCode } from '../../src/functions/apply-referral.ts';

const apply = (referralCode: unknown) => handler({ user: { metadata: { referralCode } } });

describe('a referral code', () => {
  test.each([
    ['FRIEND2025', 'FRIEND', 2025],
    ['a0', 'a', 0],
    ['ÉTÉ007', 'ÉTÉ', 7],
    ['X999999999', 'X', 999_999_999],
  ])('%s has the campaign %s and the number %d', async (code, campaign, number) => {
    await expect(apply(code)).resolves.toEqual({ referral: { campaign, number } });
  });

  test.each([
    '',
    ' ',
    '2025',
    'FRIEND',
    '2025FRIEND',
    'FRIEND-2025',
    'FRIEND2025 ',
    'FRIEND2025\n',
    'FRIEND1234567890',
    2025,
    true,
    ['FRIEND2025'],
    { FRIEND: 2025 },
  ])('%j is refused with the error name that the workflow catches', async (code) => {
    const refusal = apply(code);
    await expect(refusal).rejects.toBeInstanceOf(InvalidReferralCode);
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidReferralCode' });
  });

  test('is not in the message of the error', async () => {
    await expect(apply('jane@example.com')).rejects.toSatisfy(
      (error: Error) => !error.message.includes('jane'),
    );
  });
});

test.each([
  {},
  { user: null },
  { user: {} },
  { user: { metadata: null } },
  { user: { metadata: {} } },
])('the event %j has no referral', async (event) => {
  await expect(handler(event)).resolves.toEqual({ referral: null });
});

test('the referral code null is no referral', async () => {
  await expect(apply(null)).resolves.toEqual({ referral: null });
});
