import { StatesError } from './execution.ts';
import type { JsonObject } from './states.ts';

/** The variables that a branch sees. It can assign only those of its own scope. */
export interface Variables {
  /** Those of the scopes around it too: nothing assigns there while an inner scope lives. */
  values: Readonly<JsonObject>;
  /** Bytes of the scope's own, by name. */
  readonly bytes: Map<string, number>;
}

/** What all variables of an execution take. */
export interface VariableMemory {
  bytes: number;
}

/** Values for one `Assign`, each with its JSON text. */
export interface Assignment {
  readonly values: JsonObject;
  readonly texts: readonly (readonly [name: string, text: string])[];
}

/** AWS's quotas for one variable, for one `Assign`, and for all variables of an execution. */
const maxAssignBytes = 262_144;
const maxVariableBytes = 10 * 1024 * 1024;

export function innerScope(outer: Variables): Variables {
  return { values: outer.values, bytes: new Map() };
}

/** Frees a scope's variables when its branch is over. */
export function freeScope(memory: VariableMemory, { bytes }: Variables): void {
  for (const size of bytes.values()) memory.bytes -= size;
}

/** @throws {StatesError} `States.DataLimitExceeded` where the variables would exceed a quota */
export function prepareAssignment(
  memory: VariableMemory,
  variables: Variables,
  values: JsonObject,
): Assignment {
  const texts = Object.entries(values).map(([name, value]) => {
    return [name, JSON.stringify(value)] as const;
  });
  let assignBytes = 0;
  let totalBytes = memory.bytes;
  for (const [name, text] of texts) {
    const size = Buffer.byteLength(text);
    assignBytes += size;
    totalBytes += size - (variables.bytes.get(name) ?? 0);
  }
  if (assignBytes <= maxAssignBytes && totalBytes <= maxVariableBytes) return { values, texts };
  const cause =
    assignBytes > maxAssignBytes
      ? `The variables that one Assign field assigns exceed ${maxAssignBytes} bytes.`
      : `The variables of the execution exceed ${maxVariableBytes} bytes.`;
  throw new StatesError('States.DataLimitExceeded', cause);
}

export function assign(
  memory: VariableMemory,
  variables: Variables,
  { values, texts }: Assignment,
): void {
  for (const [name, text] of texts) {
    const size = Buffer.byteLength(text);
    memory.bytes += size - (variables.bytes.get(name) ?? 0);
    variables.bytes.set(name, size);
  }
  variables.values = { ...variables.values, ...values };
}
