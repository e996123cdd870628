import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { InvalidDefinition } from '../states-language/definition.ts';
import type { Operations } from './operation.ts';
import { ServiceError } from './service-error.ts';

const contentType = 'application/x-amz-json-1.0';
/** A definition may have 1 MiB, and is larger when escaped as a JSON string. */
const maxBodyBytes = 4 * 1024 * 1024;

/**
 * Serves the AWS JSON 1.0 protocol as Step Functions does. Ignores the signature and the `Host`
 * header, in which the SDK prefixes `sync-` for StartSyncExecution.
 */
export function stepFunctionsEndpoint(operations: Operations): RequestListener {
  const byTarget = new Map(
    Object.entries(operations).map(([name, operation]) => [`AWSStepFunctions.${name}`, operation]),
  );

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const run = byTarget.get(String(request.headers['x-amz-target']));
      if (!run) throw unknownOperation();
      const caller = { userAgent: request.headers['user-agent'] ?? '' };
      send(response, 200, await run(readJson(body), caller));
    } catch (error) {
      if (error instanceof InvalidDefinition) {
        return send(response, 400, new ServiceError('InvalidDefinition', error.message));
      }
      if (error instanceof ServiceError) return send(response, 400, error);
      // The client disconnected, or this is a defect of local AWS.
      const type = 'com.amazon.coral.service#InternalFailure';
      send(response, 500, { __type: type, message: String(error) });
    }
  }

  return (request, response) => {
    response.setHeader('x-amzn-requestid', randomUUID());
    const sent = request.headers['content-type']?.split(';', 1)[0];
    if (request.method !== 'POST' || sent !== contentType) {
      request.resume();
      send(response, 404, unknownOperation());
      return;
    }
    void respond(request, response);
  };
}

function unknownOperation(): ServiceError {
  const message = 'Local AWS does not support this operation of Step Functions.';
  return new ServiceError('UnknownOperationException', message, 'protocol');
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  if (bytes > maxBodyBytes) throw serialization(`The body is over ${maxBodyBytes} bytes.`);
  return Buffer.concat(chunks);
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw serialization('The body is not JSON in UTF-8.');
  }
}

function serialization(message: string): ServiceError {
  return new ServiceError('SerializationException', message, 'protocol');
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body, epochSeconds));
  response.writeHead(status, { 'content-type': contentType, 'content-length': text.length });
  response.end(text);
}

/** A `JSON.stringify` replacer. It gets a date as a string; the Date itself is a member of `this`. */
function epochSeconds(this: Record<string, unknown>, member: string, value: unknown): unknown {
  const original = this[member];
  return original instanceof Date ? original.getTime() / 1000 : value;
}
