import { expect, test } from 'vitest';
import { wasNotCarriedOut } from '../../src/step-functions/errors.ts';

/** As Node makes them, and where it tried several addresses, wraps them. */
const ofSystem = (syscall: string, code: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

test.each([
  ofSystem('connect', 'ECONNREFUSED'),
  ofSystem('connect', 'EHOSTUNREACH'),
  ofSystem('connect', 'ETIMEDOUT'),
  ofSystem('getaddrinfo', 'ENOTFOUND'),
  new AggregateError([ofSystem('connect', 'ENETUNREACH'), ofSystem('connect', 'ECONNREFUSED')]),
  new Error('fetch failed', { cause: ofSystem('getaddrinfo', 'EAI_AGAIN') }),
  Object.assign(new Error('Connect Timeout Error'), { code: 'UND_ERR_CONNECT_TIMEOUT' }),
])('where no connection came about, nothing was carried out: %s', (error) => {
  expect(wasNotCarriedOut(error)).toBe(true);
});

// Linux ends a connection that is open with these as well, once a router has sent them.
test.each(['ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNREFUSED', 'ETIMEDOUT'])(
  'a connection that breaks with %s may have carried the call',
  (code) => {
    expect(wasNotCarriedOut(ofSystem('read', code))).toBe(false);
    expect(wasNotCarriedOut(ofSystem('write', code))).toBe(false);
  },
);
