import type { IncomingMessage } from 'node:http';
import { selectableBodyBytes } from '../../gateway/new-user.ts';
import type { Json } from '../states-language/execution.ts';

const selection = /^\$request\.body\.(?<member>\w+)$/;

/** An HTTP API refuses a larger body. */
const maxBodyBytes = 10 * 1024 * 1024;

/**
 * Reads the start of the body, from which API Gateway selects, and drops the rest.
 *
 * @returns undefined for a body that an HTTP API refuses as too large
 * @throws if the client disconnects
 */
export async function readSelectableBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (length < selectableBodyBytes) chunks.push(chunk);
    length += chunk.length;
  }
  if (length > maxBodyBytes) return undefined;
  return Buffer.concat(chunks).subarray(0, selectableBodyBytes).toString();
}

/**
 * Evaluates a request parameter: either `$request.body.<member>` or a literal text. A selected
 * string is returned as it is, any other value as its JSON text.
 *
 * @returns undefined if the body has no such member
 */
export function evaluateParameter(parameter: string, body: string): string | undefined {
  const member = selection.exec(parameter)?.groups?.member;
  if (member === undefined) return parameter;
  const document = parseJson(body);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return undefined;
  }
  const value = Object.hasOwn(document, member) ? document[member] : undefined;
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
