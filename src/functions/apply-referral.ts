/** What the workflow hands over: a user that nothing need have validated, as API Gateway starts the workflow too. */
export interface ApplyReferralEvent {
  readonly user?: { readonly metadata?: { readonly referralCode?: unknown } | null } | null;
}

/** `referral` is null for a user that nobody referred. */
export interface ApplyReferralResult {
  readonly referral: { readonly campaign: string; readonly number: number } | null;
}

/**
 * The workflow's business error. Step Functions takes an error's `name` as the name that `Retry`
 * and `Catch` match; the message leaves out the code itself, since callers and logs see it.
 */
export class InvalidReferralCode extends Error {
  override readonly name = 'InvalidReferralCode';
}

const referralCode = /^(?<campaign>\p{L}+)(?<number>\d{1,9})$/u;

/**
 * The workflow's Lambda function: reads the campaign and its number out of a referral code such as
 * `FRIEND2025`.
 *
 * @throws {InvalidReferralCode} for a code that is not letters followed by digits
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
