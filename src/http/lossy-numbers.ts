import { endOfString } from './json-strings.ts';

// Numbers that a double may not hold: of 16 digits and more, with three digits or more in the
// exponent, or negative zeros. All others have at most 15 digits, which a double always keeps.
const unusualNumber = String.raw`(?<![\w.+-])(?:-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\d[\d.]*[eE][+-]?\d{3,}|-0(?:\.0*)?(?:[eE][+-]?\d+)?(?![\d.eE]))`;
const anyUnusualNumber = new RegExp(unusualNumber);
const quoteOrUnusualNumber = new RegExp(`"|${unusualNumber}`, 'g');
const jsonNumber = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** 17 significant digits tell any two doubles apart. */
const maximumDigits = 17;
/** Each takes about a microsecond, and nobody else may wait for longer than some milliseconds. */
const maximumComparisons = 10_000;

/**
 * The JSON text with every number that would change on its way through a double (`1e-400`,
 * `4503599627370497.3`, `-0`) in a form that `JSON.parse` reads as Infinity, as it does `1e400`.
 * What is no JSON stays so. A number in 16 or 17 digits may be how its double is written out
 * (`0.79999999999999993`), and stays as it is then.
 *
 * After 10,000 comparisons, all further numbers of these forms count as changing.
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
    if (comparisons <= maximumComparisons ? isKept(text) : !jsonNumber.test(text)) continue;
    result += `${json.slice(copied, match.index)}1e999`;
    copied = match.index + text.length;
  }
}

/** Whether the number's double, in as many digits, is the number; also for what is no number. */
function isKept(text: string): boolean {
  const double = Number(text);
  if (String(double) === text) return true;
  const sent = decimalOf(text);
  if (sent === undefined) return true;
  if (sent.digits.length > maximumDigits) return false;
  if (sent.digits === '') return sent.sign === '';
  const kept = decimalOf(double.toPrecision(sent.digits.length));
  return kept?.sign === sent.sign && kept.digits === sent.digits && kept.exponent === sent.exponent;
}

/** `sign` and `digits` × 10^`exponent`, without zeros on either side. */
function decimalOf(text: string) {
  const match = jsonNumber.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const significant = (whole + fraction).replace(/^0+/, '');
  let end = significant.length;
  // Not by /0+$/, which takes the square of the time for zeros that another digit follows.
  while (significant.charAt(end - 1) === '0') end -= 1;
  const digits = significant.slice(0, end);
  const zeros = significant.length - end;
  return { sign, digits, exponent: Number(exponent) - fraction.length + zeros };
}
