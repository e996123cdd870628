interface Typed {
  readonly type: string;
}

/** Whether an event reports a failure, a timeout or an abort. */
export const isFailure = ({ type }: Typed) => /Failed$|TimedOut$|Aborted$/.test(type);

/** Whether an event ends an attempt with an error. */
export const isFailedAttempt = ({ type }: Typed) => /Failed$|TimedOut$/.test(type);

/** Returns error and cause, which are in the details of every type of failure. */
export function failureOf(event: object): { readonly error?: string; readonly cause?: string } {
  for (const details of Object.values(event)) {
    const { error, cause } = Object(details);
    if (typeof error === 'string') return { error, ...(typeof cause === 'string' && { cause }) };
  }
  return {};
}

export const errorOf = (event: object) => failureOf(event).error ?? '';
