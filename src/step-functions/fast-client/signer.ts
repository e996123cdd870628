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
/** Those of them that a call has are signed, in the order of Signature Version 4. */
const signedHeaders = [
  'content-type',
  'host',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
] as const;

/**
 * Signs calls to Step Functions with Signature Version 4 ("Create a signed AWS API request" in IAM's
 * user guide). The SDK's signer is for requests of every kind, which takes it three times as long,
 * most of it to hash through streams and to look up the day's key by another hash.
 *
 * The request must have the path `/` and no query.
 */
export class Signer implements RequestSigner {
  readonly #credentials: AwsCredentialIdentityProvider;
  readonly #region: Provider<string>;
  #key: { credentials: AwsCredentialIdentity; scope: string; bytes: KeyObject } | undefined;

  /** @param region for calls that are not signed for another */
  constructor(credentials: AwsCredentialIdentityProvider, region: Provider<string>) {
    this.#credentials = credentials;
    this.#region = region;
  }

  /** Adds the signature to the headers of `request`, and what it needs. */
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

  /** The same all day long, until the credentials are renewed. */
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

/** In hexadecimal digits. */
function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}
