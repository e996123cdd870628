/** The longest that a response is held, in seconds: many gateways give up soon after. */
const maximumWaitSeconds = 60;

/**
 * One of the list: a comma within quotes does not end it. Quotes that are never closed go on to the
 * end, so that no text is searched twice.
 */
const preference = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/g;
const waitPreference = /^\s*wait\s*=\s*"?(\d+)"?\s*(?:;|$)/i;

/**
 * The seconds that a `Prefer: wait=N` field (RFC 7240, 4.3) asks to hold the response, 60 at most.
 * `undefined` where there is none; malformed preferences are ignored, as the RFC asks.
 */
export function parsePreferWait(field: string | string[] | undefined): number | undefined {
  // Several fields are one list, of which the first preference of a name counts (RFC 7240, 2).
  const preferences = [field ?? []].flat().join(',').match(preference) ?? [];
  const [seconds] = preferences.flatMap((each) => waitPreference.exec(each)?.[1] ?? []);
  return seconds === undefined ? undefined : Math.min(Number(seconds), maximumWaitSeconds);
}
