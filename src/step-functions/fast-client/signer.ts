import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  HttpRequest,
  Provider,
  RequestSigner,
  RequestSigningArguments,
} from '@smithy/types';

const algorithm = 'AWS4-HMAC-SHA256';
/** The headers to sign if present, in the order that Signature Version 4 requires. */
const signedHeaders = [
  'content-type',
  'host',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
] as const;

/**
 * Signs calls to Step Functions with Signature Version 4 ("Create a signed AWS API request" in the
 * IAM user guide). The SDK's signer supports any request and takes three times as long, mostly
 * because it hashes through streams and computes another hash to look up the signing key.
 *
 * The request must have the path `/` and no query.
 */
export class Signer implements RequestSigner {
  readonly #credentials: AwsCredentialIdentityProvider;
  readonly #region: Provider<string>;
  #key: { credentials: AwsCredentialIdentity; scope: string; bytes: KeyObject } | undefined;

  /** @param region the default region to sign for */
  constructor(credentials: AwsCredentialIdentityProvider, region: Provider<string>) {
    this.#credentials = credentials;
    this.#region = region;
  }

  /** Adds the signature, the date and the session token to the headers of `request`. */
  async sign(
    request: HttpRequest,
    {
      signingDate = new Date(),
      signingRegion,
      signingService = 'states',
    }: RequestSigningArguments = {},
  ): Promise<HttpRequest> {
    const credentials = await this.#credentials();
    const region = signingRegion ?? (await this.#region());
    const { headers } = request;
    const time = new Date(signingDate).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const scope = `${time.slice(0, 8)}/${region}/${signingService}/aws4_request`;
    headers['x-amz-date'] = time;
    if (credentials.sessionToken === undefined) delete headers['x-amz-security-token'];
    else headers['x-amz-security-token'] = credentials.sessionToken;

    const names = signedHeaders.filter((name) => headers[name] !== undefined);
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const nameList = names.join(';');
    const canonical = `${request.method}\n${request.path}\n\n${lines}\n${nameList}\n${sha256(request.body)}`;
    const signature = createHmac('sha256', this.#keyOf(credentials, scope))
      .update(`${algorithm}\n${time}\n${scope}\n${sha256(canonical)}`)
      .digest('hex');
    headers.authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${nameList}, Signature=${signature}`;
    return request;
  }

  /** Caches the signing key, which changes with the date and the credentials. */
  #keyOf(credentials: AwsCredentialIdentity, scope: string): KeyObject {
    if (this.#key?.credentials !== credentials || this.#key.scope !== scope) {
      const bytes = scope
        .split('/')
        .reduce<Buffer>(
          (secret, part) => createHmac('sha256', secret).update(part).digest(),
          Buffer.from(`AWS4${credentials.secretAccessKey}`),
        );
      this.#key = { credentials, scope, bytes: createSecretKey(bytes) };
    }
    return this.#key.bytes;
  }
}

/** Returns the digest in hexadecimal. */
function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}
