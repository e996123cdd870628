import type { ServerResponse } from 'node:http';
import { type Answer, errorAnswer } from './executions.ts';

/** What happens to a call in place of a good answer. */
export interface Fault {
  /** Whether Step Functions does what it was asked all the same. */
  readonly isCarriedOut: boolean;
  /** @param answer what Step Functions would have said, where it carried the call out */
  answer(response: ServerResponse, answer: Answer | undefined): void;
}

const contentType = 'application/x-amz-json-1.0';

/** Answers as Step Functions does. */
export function sendAnswer(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
    .end(text);
}

const reset = (response: ServerResponse) => response.socket?.resetAndDestroy();

/** The connection breaks, and nothing was started. */
export const resetBefore: Fault = { isCarriedOut: false, answer: reset };

/** The connection breaks, and yet it was done. */
export const resetAfter: Fault = { isCarriedOut: true, answer: reset };

/** The connection is closed in good order, without an answer. */
export const hangUp: Fault = {
  isCarriedOut: true,
  answer: (response) => response.socket?.end(),
};

/** It was done, and nobody is ever told. */
export const stall: Fault = { isCarriedOut: true, answer: () => undefined };

/** The headers come, and half of the body. */
export const cutBody: Fault = {
  isCarriedOut: true,
  answer(response, answer) {
    const text = JSON.stringify(answer?.body);
    response.writeHead(200, { 'content-type': contentType, 'content-length': text.length });
    response.write(text.slice(0, text.length / 2), () => response.socket?.end());
  },
};

/** The headers come, and half of the body, and then nothing more. */
export const stallBody: Fault = {
  isCarriedOut: true,
  answer(response, answer) {
    const text = JSON.stringify(answer?.body);
    response.writeHead(200, { 'content-type': contentType, 'content-length': text.length });
    response.write(text.slice(0, text.length / 2));
  },
};

/** The good answer, once `until` is kept. */
export function late(until: () => Promise<unknown>): Fault {
  return {
    isCarriedOut: true,
    answer(response, answer) {
      void until().then(() => answer && sendAnswer(response, answer));
    },
  };
}

/** An error of Step Functions' own, or of the front end that all of AWS has. */
export function awsError(name: string, message?: string, status?: number): Fault {
  return {
    isCarriedOut: false,
    answer: (response) => sendAnswer(response, errorAnswer(name, message, status)),
  };
}

/** An answer that is none of Step Functions': a proxy's page, or JSON that is none. */
export function foreignAnswer(status: number, type: string, body: string): Fault {
  return {
    isCarriedOut: status === 200,
    answer: (response) => response.writeHead(status, { 'content-type': type }).end(body),
  };
}
