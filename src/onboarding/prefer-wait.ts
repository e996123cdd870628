/** A longer wait would exceed the timeout of many gateways. */
const maximumWaitSeconds = 60;

/**
 * One preference of the list. A comma inside quotes does not end it. An unclosed quote extends to
 * the end of the text, so that matching takes linear time.
 */
const preference = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/g;
const waitPreference = /^\s*wait\s*=\s*"?(\d+)"?\s*(?:;|$)/i;

/**
 * Returns how many seconds a `Prefer: wait=N` header (RFC 7240, 4.3) asks to wait, 60 at most.
 * `undefined` without a `wait` preference. Ignores malformed preferences, as the RFC requires.
 */
export function parsePreferWait(field: string | string[] | undefined): number | undefined {
  // Repeated headers form one list, in which the first preference of a name counts (RFC 7240, 2).
  const preferences = [field ?? []].flat().join(',').match(preference) ?? [];
  const [seconds] = preferences.flatMap((each) => waitPreference.exec(each)?.[1] ?? []);
  return seconds === undefined ? undefined : Math.min(Number(seconds), maximumWaitSeconds);
}
