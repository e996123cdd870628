import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../../src/http/json/json.ts';

test.each([
  '4503599627370497.3',
  '-4503599627370497.3',
  '9007199254740993',
  '123456789.123456789',
  '1.0000000000000001',
  '0.1000000000000000055',
  '1e-400',
  '2.5e-324',
  '-1E-400',
  '1e400',
  '-0',
  '-0.0',
  '-0e5',
  `0.${'3'.repeat(1000)}`,
  `1${'0'.repeat(400)}`,
])('%s, which a double would change, becomes Infinity', (number) => {
  for (const json of [number, `[${number}]`, `{"a": ${number} }`, `[1,"\\"",${number},2]`]) {
    const text = JSON.stringify(parseJson(json));
    // JSON has no Infinity.
    expect(text).toBe(json.replace(number, 'null').replaceAll(' ', ''));
  }
});

// In quadratic time, the first one would take minutes.
test.each([
  ['zeros between digits', `1${'0'.repeat(1_000_000)}1`],
  ['zeros after a point', `1.${'0'.repeat(1_000_000)}1`],
  ['zeros before a digit', `0.${'0'.repeat(1_000_000)}1`],
  ['digits', '12'.repeat(500_000)],
  ['digits of an exponent', `1e${'12'.repeat(500_000)}`],
])('a million %s take linear time', (_what, number) => {
  expect(parseJson(`[${number}]`)).toEqual([Number.POSITIVE_INFINITY]);
});

test.each([
  ['0', 0],
  ['0.0', 0],
  ['0e-999', 0],
  ['1.0', 1],
  ['1.50', 1.5],
  ['100e-2', 1],
  ['1E+005', 100_000],
  ['-0.5', -0.5],
  ['9007199254740991', 9_007_199_254_740_991],
  ['12345678901234500000', 12_345_678_901_234_500_000],
  ['0.30000000000000004', 0.1 + 0.2],
  // As C's %.17g and .NET Framework write doubles.
  ['0.79999999999999993', 0.1 + 0.7],
  ['0.10000000000000001', 0.1],
  ['4.9E-324', Number.MIN_VALUE],
  ['1.7976931348623157E308', Number.MAX_VALUE],
])('%s keeps its value', (number, value) => {
  expect(parseJson(number)).toBe(value);
  expect(parseJson(`{"a":[${number}]}`)).toEqual({ a: [value] });
});

test('text in strings that looks like such numbers is unchanged', () => {
  const strings = [
    '1e-400',
    '"4503599627370497.3"',
    '\\',
    '-0\\"-0',
    '\\\\"',
    '2025-01-01T00:00:00-05:00',
  ];
  const value = { '1e-400': strings, '-0': [1e100, ...strings] };
  expect(parseJson(JSON.stringify(value))).toEqual(value);
});

test('every double keeps its value in all its usual notations', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      fc.pre(!Object.is(double, -0));
      for (const text of [
        JSON.stringify(double),
        double.toExponential(),
        double.toPrecision(17),
        double.toExponential(16).toUpperCase(),
      ]) {
        expect(parseJson(`[${text}]`)).toEqual([double]);
      }
    }),
  );
});

test('a decimal keeps its value if its double, rounded to as many digits, is the decimal', () => {
  const decimal = fc
    .tuple(fc.bigInt(1n, 10n ** 20n), fc.integer({ min: 0, max: 24 }))
    .map(([digits, places]) => {
      const padded = String(digits).padStart(places + 1, '0');
      const point = padded.length - places;
      return places === 0 ? padded : `${padded.slice(0, point)}.${padded.slice(point)}`;
    });
  fc.assert(
    fc.property(decimal, (text) => {
      const isKept = Number.isFinite(parseJson(text));
      const digits = text.replace('.', '').replace(/^0+/, '');
      const significant = digits.replace(/0+$/, '').length;
      // Enough digits of the double that the comparison below is exact.
      const error = scaled(Number(text).toPrecision(100)) - scaled(text);
      const unit =
        10n ** BigInt(130 - (text.split('.')[1]?.length ?? 0) + digits.length - significant);
      const doubled = 2n * (error < 0n ? -error : error);
      // Exactly halfway between two decimals, either rounding is correct.
      if (doubled !== unit) expect(isKept).toBe(significant <= 17 && doubled < unit);
    }),
    { numRuns: 5000 },
  );
});

/** A decimal without an exponent × 10^130. */
function scaled(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = 130 - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  return power >= 0 ? digits * 10n ** BigInt(power) : digits / 10n ** BigInt(-power);
}
