import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Checksum, SourceData } from '@smithy/types';

// The signing key is the same bytes all day long.
const keys = new WeakMap<ArrayBufferLike | ArrayBufferView, KeyObject>();

/**
 * SHA-256, or HMAC with it where there is a secret, for the SDK to sign with. Its own does the same
 * from a key's bytes, which takes Node five times as long as from a `KeyObject` of them.
 */
export class LeanSha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #hash: ReturnType<typeof createSha256>;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = createSha256(secret);
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = createSha256(this.#secret);
  }
}

function createSha256(secret: SourceData | undefined) {
  if (secret === undefined) return createHash('sha256');
  return createHmac('sha256', typeof secret === 'string' ? secret : keyOf(secret));
}

function keyOf(secret: ArrayBufferLike | ArrayBufferView): KeyObject {
  let key = keys.get(secret);
  if (key === undefined) {
    key = createSecretKey(
      ArrayBuffer.isView(secret)
        ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
        : new Uint8Array(secret),
    );
    keys.set(secret, key);
  }
  return key;
}
