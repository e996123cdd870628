/** The payload from the workflow. The user may be unvalidated, since API Gateway can start the workflow. */
export interface ApplyReferralEvent {
  readonly user?: { readonly metadata?: { readonly referralCode?: unknown } | null } | null;
}

/** `referral` is null for a user without a referral code. */
export interface ApplyReferralResult {
  readonly referral: { readonly campaign: string; readonly number: number } | null;
}

/**
 * A business error of the workflow. `Retry` and `Catch` match its `name`. The message does not
 * contain the code, since callers and logs see the message.
 */
export class InvalidReferralCode extends Error {
  override readonly name = 'InvalidReferralCode';
}

const referralCode = /^(?<campaign>\p{L}+)(?<number>\d{1,9})$/u;

/**
 * The Lambda function of the workflow: parses a referral code such as `FRIEND2025` into a campaign
 * and a number.
 *
 * @throws {InvalidReferralCode} the code is not letters followed by digits
 */
export async function handler(event: ApplyReferralEvent): Promise<ApplyReferralResult> {
  const code = event.user?.metadata?.referralCode;
  if (code === undefined || code === null) return { referral: null };
  const parts = typeof code === 'string' ? referralCode.exec(code)?.groups : undefined;
  if (!parts?.campaign || !parts.number) {
    throw new InvalidReferralCode(
      'The referral code must be letters followed by digits, for example FRIEND2025.',
    );
  }
  return { referral: { campaign: parts.campaign, number: Number(parts.number) } };
}
