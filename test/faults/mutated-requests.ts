import fc from 'fast-check';
import { onboardingRequest } from '../support/app.ts';

const body = JSON.stringify(onboardingRequest());
const head = (line: string, ...fields: readonly string[]) =>
  `${[line, 'Host: example.com', ...fields].join('\r\n')}\r\n\r\n`;
const json = 'Content-Type: application/json';
const length = `Content-Length: ${Buffer.byteLength(body)}`;
const start = `${head('POST /process-user-onboarding HTTP/1.1', json, length)}${body}`;
const sync = `${head('POST /process-user-onboarding-sync HTTP/1.1', json, length)}${body}`;
const chunked = [
  head('POST /process-user-onboarding HTTP/1.1', json, 'Transfer-Encoding: chunked'),
  `10\r\n${body.slice(0, 16)}\r\n${(body.length - 16).toString(16)}\r\n${body.slice(16)}\r\n0\r\n\r\n`,
].join('');
const keyed = `${head('POST /process-user-onboarding HTTP/1.1', json, length, 'Idempotency-Key: "key"')}${body}`;
const status = head(
  'GET /onboarding-status/arn:aws:states:us-east-1:123456789012:execution:user-onboarding:a HTTP/1.1',
  'Prefer: wait=1',
);

const goodRequests = [start, sync, chunked, keyed, status, `${start}${status}`, `${status}${sync}`];

/** What happens to which bytes; `where` is in thousandths of the request. */
const mutation = fc.record({
  where: fc.nat(999),
  kind: fc.constantFrom('replace', 'flip', 'insert', 'remove', 'repeat', 'cut'),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('\r\n \t:,;"{}[]\\/%?#@0\0'))),
  bytes: fc.integer({ min: 1, max: 12 }),
});

/** A valid request, or two pipelined ones, with a few bytes changed. */
export const mutatedRequest: fc.Arbitrary<Buffer> = fc
  .tuple(fc.constantFrom(...goodRequests), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([request, mutations]) => mutations.reduce(mutate, Buffer.from(request)));

function mutate(
  request: Buffer,
  {
    where,
    kind,
    byte,
    bytes,
  }: Readonly<{ where: number; kind: string; byte: number; bytes: number }>,
): Buffer {
  const at = Math.floor((request.length * where) / 1000);
  const before = request.subarray(0, at);
  const here = request.subarray(at, at + bytes);
  const after = request.subarray(at + bytes);
  switch (kind) {
    case 'replace':
      return Buffer.concat([before, Buffer.of(byte), request.subarray(at + 1)]);
    case 'flip':
      return Buffer.concat([
        before,
        Buffer.of((request[at] ?? 0) ^ (1 << (byte % 8))),
        request.subarray(at + 1),
      ]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(bytes, byte), here, after]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, here, here, after]);
    default:
      return before;
  }
}
