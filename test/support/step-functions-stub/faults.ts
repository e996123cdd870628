import type { ServerResponse } from 'node:http';
import { errorResponse, type StubResponse } from './executions.ts';

/** What happens to a call instead of a normal response. */
export interface Fault {
  /** Whether Step Functions carries out the call nevertheless. */
  readonly isCarriedOut: boolean;
  /** @param normal the normal response, if the call was carried out */
  respond(response: ServerResponse, normal: StubResponse | undefined): void;
}

const contentType = 'application/x-amz-json-1.0';

/** Responds as Step Functions does. */
export function sendResponse(response: ServerResponse, { status, body }: StubResponse): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
    .end(text);
}

const reset = (response: ServerResponse) => response.socket?.resetAndDestroy();

/** The connection is reset before the call is carried out. */
export const resetBefore: Fault = { isCarriedOut: false, respond: reset };

/** The connection is reset after the call was carried out. */
export const resetAfter: Fault = { isCarriedOut: true, respond: reset };

/** The connection is closed without a response, after the call was carried out. */
export const hangUp: Fault = {
  isCarriedOut: true,
  respond: (response) => response.socket?.end(),
};

/** The call is carried out, but no response ever comes. */
export const stall: Fault = { isCarriedOut: true, respond: () => undefined };

/** The connection closes after the headers and half of the body. */
export const cutBody: Fault = {
  isCarriedOut: true,
  respond(response, normal) {
    const text = JSON.stringify(normal?.body);
    response.writeHead(200, { 'content-type': contentType, 'content-length': text.length });
    response.write(text.slice(0, text.length / 2), () => response.socket?.end());
  },
};

/** Nothing more comes after the headers and half of the body; the connection stays open. */
export const stallBody: Fault = {
  isCarriedOut: true,
  respond(response, normal) {
    const text = JSON.stringify(normal?.body);
    response.writeHead(200, { 'content-type': contentType, 'content-length': text.length });
    response.write(text.slice(0, text.length / 2));
  },
};

/** The normal response, once the promise of `until` resolves. */
export function late(until: () => Promise<unknown>): Fault {
  return {
    isCarriedOut: true,
    respond(response, normal) {
      void until().then(() => normal && sendResponse(response, normal));
    },
  };
}

/** An error of Step Functions, or of the AWS front end before it. */
export function awsError(name: string, message?: string, status?: number): Fault {
  return {
    isCarriedOut: false,
    respond: (response) => sendResponse(response, errorResponse(name, message, status)),
  };
}

/** A response that Step Functions would not send: the page of a proxy, or invalid JSON. */
export function foreignResponse(status: number, type: string, body: string): Fault {
  return {
    isCarriedOut: status === 200,
    respond: (response) => response.writeHead(status, { 'content-type': type }).end(body),
  };
}
