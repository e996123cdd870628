import { type Json, StatesError } from './execution.ts';

/** A state's input or output. The history and the quotas need its JSON text. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

/** The AWS quota for a state's input, output or result, in bytes of UTF-8. */
const maxPayloadBytes = 262_144;

/**
 * @param origin the state, or the Task's resource, that returned the value
 * @throws {StatesError} `States.DataLimitExceeded`
 */
export function payloadOf(value: Json, origin: string): Payload {
  const text = jsonText(value);
  checkSize(Buffer.byteLength(text), origin);
  return { value, text };
}

/**
 * @param bytes the size of the data that `origin` returned
 * @throws {StatesError} `States.DataLimitExceeded`
 */
export function checkSize(bytes: number, origin: string): void {
  if (bytes <= maxPayloadBytes) return;
  throw new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${origin}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

function jsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new StatesError('States.Runtime', 'The data is nested too deeply.');
  }
}
