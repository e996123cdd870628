import { ServiceException } from '@smithy/core/client';
import { ConnectFailure } from '../../src/step-functions/connect-failure.ts';

/** What goes wrong with a call between a client and AWS. */
export type Fault =
  | 'not-connected'
  | 'refused'
  | 'failed-before'
  | 'failed-after'
  | 'lost-before'
  | 'lost-after';

/** Whether AWS does all the same what the call asks for. */
export function isCarriedOut(fault: Fault | undefined): boolean {
  return fault === undefined || fault === 'failed-after' || fault === 'lost-after';
}

/** What the SDK's client throws then. */
export function errorOf(fault: Fault): Error {
  switch (fault) {
    case 'not-connected':
      return new ConnectFailure(withCode('ECONNREFUSED'));
    case 'refused':
      return serviceError('ThrottlingException', 400);
    case 'failed-before':
    case 'failed-after':
      return serviceError('InternalServerError', 500);
    case 'lost-before':
    case 'lost-after':
      return withCode('ECONNRESET');
  }
}

export function serviceError(name: string, httpStatusCode = 400): ServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new ServiceException({ name, $fault, message: name, $metadata: { httpStatusCode } });
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A client's own limit has passed. */
export function timeoutError(): Error {
  return Object.assign(new Error('no response'), { name: 'TimeoutError' });
}
