import { ServiceException } from '@smithy/core/client';
import { ConnectFailure } from '../../src/step-functions/connect-failure.ts';
import type { Choices } from './choices.ts';

const faults = [
  'not-connected',
  'refused',
  'failed-before',
  'failed-after',
  'lost-before',
  'lost-after',
] as const;

/** A fault of a call between a client and AWS. */
export type Fault = (typeof faults)[number];

/**
 * Plans the faults of the attempts of one call.
 *
 * @param probability the probability of a fault
 * @param persistence the probability that the fault then affects every attempt
 */
export function planFaults(
  choices: Choices,
  probability: number,
  persistence = 0,
): (attempt: number) => Fault | undefined {
  if (!choices.chance(probability)) return () => undefined;
  const fault = choices.pick(faults);
  const isPersistent = choices.chance(persistence);
  return (attempt) => (attempt === 0 || isPersistent ? fault : undefined);
}

/** Whether AWS carries out the call nevertheless. */
export function isCarriedOut(fault: Fault | undefined): boolean {
  return fault === undefined || fault === 'failed-after' || fault === 'lost-after';
}

/** The error that the client of the SDK throws for the fault. */
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

/** The error of a client whose timeout has passed. */
export function timeoutError(): Error {
  return Object.assign(new Error('no response'), { name: 'TimeoutError' });
}
