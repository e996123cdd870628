/** RFC 3339 with an upper-case `T`, and `Z` where there is no offset, as the specification has it. */
const pattern =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads the Timestamp of a Wait state.
 *
 * @returns milliseconds since 1970, or undefined where it is none, such as on a day that does not exist
 */
export function readTimestamp(text: string): number | undefined {
  const [, year, month, day] = pattern.exec(text) ?? [];
  const time = Date.parse(text);
  // Date.parse takes 30 February for 1 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return Number.isNaN(time) || date.getUTCDate() !== Number(day) ? undefined : time;
}
