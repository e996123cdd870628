const namespaces = {
  model: 'com.amazonaws.swf.service.v2.model',
  validation: 'com.amazon.coral.validate',
  protocol: 'com.amazon.coral.service',
} as const;

/**
 * An error that Step Functions returns. The codes and messages are those of AWS:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html and each
 * operation's own page.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly #namespace: keyof typeof namespaces;

  constructor(code: string, message: string, namespace: keyof typeof namespaces = 'model') {
    super(message);
    this.code = code;
    this.#namespace = namespace;
  }

  /** The body of the response. */
  toJSON(): { __type: string; message: string } {
    return { __type: `${namespaces[this.#namespace]}#${this.code}`, message: this.message };
  }
}

export function typeNotSupported(): ServiceError {
  return new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message, 'validation');
}
