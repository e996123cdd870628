import type { IncomingMessage } from 'node:http';
import { selectableBodyBytes } from '../../gateway/new-user.ts';
import type { Json } from '../states-language/execution.ts';

const selection = /^\$request\.body\.(?<member>\w+)$/;

/** An HTTP API refuses what is larger. */
const largestBodyBytes = 10 * 1024 * 1024;

/**
 * Reads as much of the body as a selection sees, and drops the rest.
 *
 * @returns undefined for a body that an HTTP API refuses as too large
 * @throws when the client hangs up
 */
export async function readSelectableBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (length < selectableBodyBytes) chunks.push(chunk);
    length += chunk.length;
  }
  if (length > largestBodyBytes) return undefined;
  return Buffer.concat(chunks).subarray(0, selectableBodyBytes).toString();
}

/**
 * Evaluates a request parameter: `$request.body.<member>`, or a text that stands for itself. A
 * string is selected as it is, anything else as its JSON text.
 *
 * @returns undefined where there is nothing to select
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
