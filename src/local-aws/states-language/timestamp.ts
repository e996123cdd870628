/** RFC 3339 with an upper-case `T` and `Z`, as the specification requires. */
const pattern =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Parses the Timestamp of a Wait state.
 *
 * @returns milliseconds since 1970, or undefined if the text is not a timestamp or the day does not exist
 */
export function readTimestamp(text: string): number | undefined {
  const [, year, month, day] = pattern.exec(text) ?? [];
  const time = Date.parse(text);
  // Date.parse reads 30 February as 2 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return Number.isNaN(time) || date.getUTCDate() !== Number(day) ? undefined : time;
}
