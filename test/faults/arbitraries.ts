import fc from 'fast-check';
import { z } from 'zod';
import { type Member, type Members, membersOf } from '../../src/onboarding/members.ts';
import { onboardingRequestSchema } from '../../src/onboarding/request.ts';

/** Starts every generated text: no error response and no log line may contain it. */
export const marker = 'zqx';

const unusual = fc.constantFrom(
  '',
  ' ',
  '\ud800',
  '\u0000',
  '__proto__',
  '𝒳'.repeat(130),
  'é\u0301',
);
const text = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), unusual)
  .map((value) => marker + value);
// Without the marker, since errors name the members that they are about.
const name = fc.oneof(
  fc.string().filter((generated) => !generated.includes(marker)),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'user', 'userId', 'toString', 'then'),
);

const { value: anything } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(text, fc.double(), fc.bigInt().map(Number), fc.boolean(), fc.constant(null)),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value')),
    fc.array(fc.tuple(name, tie('value'))).map((members) => new SentMembers(members)),
  ),
}));

/** The members of an object as they are sent: names may repeat, or be `__proto__`. */
class SentMembers {
  readonly members: readonly (readonly [string, unknown])[];

  constructor(members: readonly (readonly [string, unknown])[]) {
    this.members = members;
  }
}

/** The JSON text of a value that may contain {@link SentMembers}. */
function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`;
  if (!(value instanceof SentMembers)) return JSON.stringify(value) ?? 'null';
  const members = value.members.map(([key, each]) => `${JSON.stringify(key)}:${json(each)}`);
  return `{${members.join(',')}}`;
}

/** A name in one of the cases that callers use. */
const spelling = (camelCase: string) =>
  fc.constantFrom(
    camelCase,
    camelCase.replace(/^./, (first) => first.toUpperCase()),
    camelCase.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
    camelCase.toUpperCase(),
  );

/** An object that mostly has these members with valid values, and rarely something else. */
function mostlyValid({ known }: Members): fc.Arbitrary<SentMembers> {
  const members = known.map((member) =>
    fc.tuple(
      spelling(member.name),
      fc.oneof({ weight: 40, arbitrary: valuesOf(member) }, { weight: 1, arbitrary: anything }),
      fc.nat(60).map((n) => n > 0),
    ),
  );
  const further = fc.oneof(
    { weight: 30, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(name, anything, fc.constant(true))) },
  );
  return fc
    .tuple(fc.tuple(...members), further)
    .map(
      ([known, others]) =>
        new SentMembers(
          [...known, ...others].filter(([, , isThere]) => isThere).map(([k, v]) => [k, v]),
        ),
    );
}

/** Values that the schema of the member allows, with the marker where it allows that. */
function valuesOf({ schema, members, example }: Member): fc.Arbitrary<unknown> {
  if (members) return mostlyValid(members);
  const isValid = (value: unknown) => z.safeParse(schema, value).success;
  if (isValid(`${marker} and more`)) return text;
  const marked = `${marker}${example}`;
  return fc.constant(isValid(marked) ? marked : example);
}

const request = mostlyValid(membersOf(onboardingRequestSchema)).map(json);

/** Bodies of a cancellation, valid and not. */
export const cancellationBody: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ reason: text }).map((sent) => JSON.stringify(sent)) },
  { weight: 5, arbitrary: anything.map(json) },
  { weight: 2, arbitrary: fc.constantFrom('', '{}', 'null', '{"reason":null}') },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

const bomb = fc
  .tuple(fc.constantFrom('[', '{"user":', '{"user":{"metadata":', '"', '1'), fc.nat(100_000))
  .map(([part, times]) => part.repeat(times).slice(0, 1_200_000));

/** Request bodies: most are nearly valid, some are not JSON at all. */
export const requestBody: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 60, arbitrary: request },
  { weight: 20, arbitrary: anything.map(json) },
  { weight: 10, arbitrary: fc.tuple(request, fc.nat(400)).map(([sent, at]) => sent.slice(0, at)) },
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: bomb },
);

/** Text of characters that Node lets a client send in a header. */
const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  .map((value) => value.replaceAll('\x7f', '').trim());
const headerValue = (...usual: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...usual),
    headerText.map((value) => marker + value),
    fc.tuple(fc.constantFrom(...usual), headerText).map(([start, end]) => start + marker + end),
  );

/** Headers that the service or HTTP gives a meaning to. */
export const requestHeaders = fc.record(
  {
    'content-type': headerValue(
      'application/json',
      'application/problem+json',
      'text/json; charset=utf-16',
      'text/plain',
      'multipart/form-data',
      '',
    ),
    'content-encoding': headerValue('gzip', 'identity'),
    'idempotency-key': headerValue('"key"', 'key', '"', '\\', '?1', ':YQ==:', '"key";a=1'),
    prefer: headerValue('wait=1', 'wait=', 'respond-async', 'wait="1"', 'wait=-1', 'wait=1e9'),
    // The response repeats it if it is well formed.
    'x-request-id': fc.oneof(headerText, fc.stringMatching(/^[\w-]{1,140}$/)),
    accept: headerValue('*/*', 'text/html', 'application/xml', 'text/event-stream'),
    'last-event-id': headerValue('RUNNING-0', 'FAILED-1', 'SUCCEEDED-0', 'ABORTED-'),
    expect: headerValue('100-continue', 'something'),
    authorization: headerValue('Bearer ', 'Basic '),
    cookie: headerValue('a=b'),
    origin: headerValue('https://example.com', 'null'),
    'if-none-match': headerValue('*', '"a"'),
    range: headerValue('bytes=0-1'),
    te: headerValue('trailers'),
    upgrade: headerValue('websocket', 'h2c'),
    'x-forwarded-for': headerValue('127.0.0.1', '::1'),
  },
  { requiredKeys: [] },
);

const pathText = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)) })
  .map((value) => value + marker);
const arn = 'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:';

/** Paths of routes, paths that resemble a route, and others. */
export const path = fc.oneof(
  fc.constantFrom(
    '/process-user-onboarding',
    '/process-user-onboarding-sync',
    '/docs/json',
    '/openapi.json',
    '/health/live',
    '/health/ready',
    '/metrics',
    '*',
    '//',
    '/..%2f',
    '/%',
    '/onboarding-status/',
    '/onboarding-status/%00',
    '/onboarding-status/%c3%28',
  ),
  pathText.map((rest) => `/${rest}`),
  pathText.map((rest) => `/onboarding-status/${rest}`),
  fc.string({ unit: 'binary' }).map((rest) => `/onboarding-status/${safely(arn + rest)}`),
  pathText.map((rest) => `/onboarding-status/${arn}${rest}`),
  fc
    .tuple(pathText, fc.constantFrom('/steps', '/cancel', '?steps=true', '/steps/', '/cancel?a=b'))
    .map(([rest, end]) => `/onboarding-status/${arn}${safely(rest)}${end}`),
  fc
    .tuple(pathText, fc.constantFrom('', '0', '1', '100', '1e2', '101', '-1', 'x'), pathText)
    .map(
      ([trackingId, limit, cursor]) =>
        `/onboarding-status?trackingId=${safely(trackingId)}&limit=${limit}&cursor=${safely(cursor)}`,
    ),
  fc
    .constantFrom('execution-ended', 'not-found', '__proto__', 'constructor')
    .map((slug) => `/problems/${slug}`),
  pathText.map((slug) => `/problems/${slug}`),
  pathText.map((rest) => `/onboarding-status?${rest}`),
  fc.nat(2000).map((length) => `/onboarding-status/${'a'.repeat(length)}`),
  pathText.map((rest) => `/process-user-onboarding?${rest}`),
);

function safely(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

export const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
);
