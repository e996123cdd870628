import { endOfString } from './json-strings.ts';

// Numbers that a double may not represent exactly: with 16 digits or more, with three digits or more
// in the exponent, or negative zero. All others have 15 digits at most, which a double keeps.
const unusualNumber = String.raw`(?<![\w.+-])(?:-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\d[\d.]*[eE][+-]?\d{3,}|-0(?:\.0*)?(?:[eE][+-]?\d+)?(?![\d.eE]))`;
const anyUnusualNumber = new RegExp(unusualNumber);
const quoteOrUnusualNumber = new RegExp(`"|${unusualNumber}`, 'g');
const jsonNumber = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** 17 significant digits identify any double. */
const maximumDigits = 17;
/** Comparisons take far longer than parsing, and block other requests. */
const maximumComparisons = 10_000;

/**
 * Replaces every number that would change when it is read as a double (`1e-400`,
 * `4503599627370497.3`, `-0`) by `1e999`, which `JSON.parse` reads as Infinity. Keeps numbers of 16
 * or 17 digits that are the decimal form of a double (`0.79999999999999993`). Invalid JSON stays
 * invalid.
 *
 * After 10,000 comparisons, all further numbers of these forms are replaced.
 */
export function readLossyNumbersAsInfinity(json: string): string {
  if (!anyUnusualNumber.test(json)) return json;
  let result = '';
  let copied = 0;
  let comparisons = 0;
  quoteOrUnusualNumber.lastIndex = 0;
  for (;;) {
    const match = quoteOrUnusualNumber.exec(json);
    if (match === null) return result + json.slice(copied);
    const [text] = match;
    if (text === '"') {
      quoteOrUnusualNumber.lastIndex = endOfString(json, match.index + 1);
      continue;
    }
    comparisons += 1;
    if (comparisons <= maximumComparisons ? isExact(text) : !jsonNumber.test(text)) continue;
    result += `${json.slice(copied, match.index)}1e999`;
    copied = match.index + text.length;
  }
}

/** Whether a double keeps all digits of the number. Also true for a text that is not a number. */
function isExact(text: string): boolean {
  const double = Number(text);
  if (String(double) === text) return true;
  const sent = decimalOf(text);
  if (sent === undefined) return true;
  if (sent.digits.length > maximumDigits) return false;
  if (sent.digits === '') return sent.sign === '';
  const kept = decimalOf(double.toPrecision(sent.digits.length));
  return kept?.sign === sent.sign && kept.digits === sent.digits && kept.exponent === sent.exponent;
}

/** The number as `sign`, `digits` and `exponent` (`digits` × 10^`exponent`), zeros stripped. */
function decimalOf(text: string) {
  const match = jsonNumber.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const significant = (whole + fraction).replace(/^0+/, '');
  let end = significant.length;
  // Not /0+$/, which takes quadratic time for zeros followed by another digit.
  while (significant.charAt(end - 1) === '0') end -= 1;
  const digits = significant.slice(0, end);
  const zeros = significant.length - end;
  return { sign, digits, exponent: Number(exponent) - fraction.length + zeros };
}
