/** Another request with the same idempotency key is running the workflow. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

/** The idempotency key was used for a different request. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}
