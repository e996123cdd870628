import { SFNClient } from '@aws-sdk/client-sfn';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Signer } from '../../../src/step-functions/fast-client/signer.ts';

const { sha256 } = new SFNClient({ region: 'us-east-1' }).config;

/** A header value without white space, as HTTP does not preserve that. */
const token = fc.stringMatching(/^[!-~]{1,40}$/);
const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,24}$/),
    secretAccessKey: fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }),
    sessionToken: token,
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const calls = fc.record({
  credentials,
  region: fc.constantFrom('us-east-1', 'eu-west-1', 'cn-north-1', 'us-gov-east-1'),
  date: fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
  host: fc.constantFrom(
    'states.us-east-1.amazonaws.com',
    'sync-states.eu-west-1.api.aws',
    '127.0.0.1:8083',
  ),
  operation: fc.constantFrom('StartExecution', 'StartSyncExecution', 'DescribeExecution'),
  /** Whether the signing Region comes from the endpoint. */
  forEndpoint: fc.boolean(),
  body: fc.oneof(fc.json({ maxDepth: 3 }), fc.string({ unit: 'binary' })),
});
type Call = typeof calls extends fc.Arbitrary<infer T> ? T : never;

const requestOf = ({ host, operation, body }: Call) => ({
  method: 'POST',
  protocol: 'https:',
  hostname: host,
  path: '/',
  query: {},
  headers: {
    host,
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${operation}`,
  },
  body,
});

test('signs any call exactly as the SDK signs it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 3 }), async (series) => {
      let keys: Call['credentials'];
      let clientRegion = '';
      // One signer for the series, as it caches the derived key.
      const signer = new Signer(
        async () => keys,
        async () => clientRegion,
      );
      for (const call of series) {
        keys = call.credentials;
        const { region, date, forEndpoint } = call;
        if (!forEndpoint) clientRegion = region;
        const reference = new SignatureV4({
          credentials: keys,
          region,
          service: 'states',
          sha256,
          applyChecksum: false,
        });
        const expected = await reference.sign(requestOf(call), { signingDate: date });
        const request = requestOf(call);
        // Not signed, as proxies may change it.
        const sent = { ...request, headers: { ...request.headers, 'user-agent': 'test' } };
        const { 'user-agent': userAgent, ...headers } = (
          await signer.sign(sent, {
            signingDate: date,
            ...(forEndpoint && { signingRegion: region }),
          })
        ).headers;
        expect(headers).toEqual(expected.headers);
        expect(userAgent).toBe('test');
      }
    }),
    { numRuns: 300 },
  );
});
