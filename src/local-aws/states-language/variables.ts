import { StatesError } from './execution.ts';
import type { JsonObject } from './states.ts';

/** The variables that a branch can read. It can assign only those of its own scope. */
export interface Variables {
  /** Includes those of the outer scopes, which cannot change while an inner scope exists. */
  values: Readonly<JsonObject>;
  /** The sizes of the scope's own variables, by name. */
  readonly bytes: Map<string, number>;
}

/** The memory that all variables of an execution take. */
export interface VariableMemory {
  bytes: number;
}

/** The evaluated values of one `Assign`, and their JSON texts. */
export interface Assignment {
  readonly values: JsonObject;
  readonly texts: readonly (readonly [name: string, text: string])[];
}

/** The AWS quotas for one `Assign`, and so for one variable, and for all variables of an execution. */
const maxAssignBytes = 262_144;
const maxVariableBytes = 10 * 1024 * 1024;

export function innerScope(outer: Variables): Variables {
  return { values: outer.values, bytes: new Map() };
}

/** Frees the variables of a scope when its branch has ended. */
export function freeScope(memory: VariableMemory, { bytes }: Variables): void {
  for (const size of bytes.values()) memory.bytes -= size;
}

/** @throws {StatesError} `States.DataLimitExceeded` if the variables would exceed a quota */
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
