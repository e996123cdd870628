import { expect, test } from 'vitest';
import { emailAddress } from '../../src/onboarding/email-address.ts';

test.each([
  'jane@example.com',
  'jane.doe@example.com',
  "o'hara+news@mail.example.com",
  "!#$%&'*+/=?^_`{|}~-@example.com",
  '-jane-@example.com',
  '1@1.example',
  'jane@localhost',
  'jane@xn--exmple-cua.com',
  'jane@a--b.example.com',
  'jürgen@exämple.com',
  '用户@例え.jp',
  '用户@例え。jp',
  'δοκιμή@παράδειγμα.δοκιμή',
  'उपयोगकर्ता@उदाहरण.भारत',
  'עברית@דוגמה.קום',
  'e\u0301@example.com',
  '🎉@i❤️.example',
  `${'a'.repeat(64)}@example.com`,
  `jane@${'a.'.repeat(127)}a`,
])('%j is valid', (text) => {
  expect(emailAddress.test(text)).toBe(true);
});

const specials = [...'<>:,;()[]\\"'];
// Controls, formats, line and paragraph separators, spaces, surrogates, noncharacters.
const neverAllowed = [
  ...'\u0000\t\n\r\u001f\u007f\u0085\u009f',
  ...'\u00ad\u061c\u200b\u200c\u200d\u200e\u202e\u2060\u2066\ufeff\u{e0001}',
  ...'\u2028\u2029 \u00a0\u2003\u3000',
  ...'\ufdd0\uffff\u{1ffff}',
  '\ud83c',
  '\udf89',
];

test.each([...specials, ...neverAllowed])('an address with %j is not valid', (character) => {
  for (const text of [
    `ja${character}ne@example.com`,
    `${character}jane@example.com`,
    `jane${character}@example.com`,
    `jane@exa${character}mple.com`,
    `jane@${character}example.com`,
    `jane@example.com${character}`,
    `${character}@example.com`,
    `jane@${character}`,
  ]) {
    expect(emailAddress.test(text), JSON.stringify(text)).toBe(false);
  }
});

test.each([
  '',
  '@',
  'jane',
  'jane@',
  '@example.com',
  'jane@@example.com',
  'jane@example@example.com',
  '.jane@example.com',
  'jane.@example.com',
  'jane..doe@example.com',
  '.@example.com',
  'jane@.example.com',
  'jane@example.com.',
  'jane@example..com',
  'jane@。example.com',
  'jane@example。。com',
  'jane@.',
  'jane@-example.com',
  'jane@example-.com',
  'jane@example.-com',
  'jane@example.com-',
  'jane@-',
  'jane@-例え.jp',
  'jane@exam_ple.com',
  'jane@exam+ple.com',
  "jane@exam'ple.com",
  'jane@[192.0.2.1]',
  '"jane doe"@example.com',
  'jane(comment)@example.com',
  'Jane <jane@example.com>',
  'mailto:jane@example.com',
  'jane@example.com,joe@example.com',
  'jane＠example.com',
  `${'a'.repeat(65)}@example.com`,
  `jane@${'a.'.repeat(128)}a`,
])('%j is not valid', (text) => {
  expect(emailAddress.test(text)).toBe(false);
});
