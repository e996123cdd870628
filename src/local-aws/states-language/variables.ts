import type { Branch, Run } from './branch.ts';
import { StatesError } from './execution.ts';
import type { JsonObject } from './states.ts';

/** The variables that a branch sees. It can assign only those of its own scope. */
export interface Variables {
  /** Those of the scopes around it too: nothing assigns there while an inner scope lives. */
  values: Readonly<JsonObject>;
  /** Bytes of the scope's own, by name. */
  readonly bytes: Map<string, number>;
}

/** AWS's quotas for one variable, for one `Assign`, and for all variables of an execution. */
const maxAssignBytes = 262_144;
const maxVariableBytes = 10 * 1024 * 1024;

export function innerScope(outer: Variables): Variables {
  return { values: outer.values, bytes: new Map() };
}

/** Lets go of a scope's variables when its branch is over. */
export function leaveScope(run: Run, { bytes }: Variables): void {
  for (const size of bytes.values()) run.variableBytes -= size;
}

/**
 * Each variable's JSON text, as the history shows it.
 *
 * @throws {StatesError} `States.DataLimitExceeded`
 */
export function variableTexts({ run, variables }: Branch, assigned: JsonObject) {
  const texts = Object.entries(assigned).map(([name, value]) => {
    return [name, JSON.stringify(value)] as const;
  });
  let assignBytes = 0;
  let totalBytes = run.variableBytes;
  for (const [name, text] of texts) {
    const size = Buffer.byteLength(text);
    assignBytes += size;
    totalBytes += size - (variables.bytes.get(name) ?? 0);
  }
  if (assignBytes <= maxAssignBytes && totalBytes <= maxVariableBytes) return texts;
  const cause =
    assignBytes > maxAssignBytes
      ? `The variables that one Assign field assigns exceed ${maxAssignBytes} bytes.`
      : `The variables of the execution exceed ${maxVariableBytes} bytes.`;
  throw new StatesError('States.DataLimitExceeded', cause);
}

export function assignVariables(
  { run, variables }: Branch,
  assigned: JsonObject,
  texts: ReturnType<typeof variableTexts>,
): void {
  for (const [name, text] of texts) {
    const size = Buffer.byteLength(text);
    run.variableBytes += size - (variables.bytes.get(name) ?? 0);
    variables.bytes.set(name, size);
  }
  variables.values = { ...variables.values, ...assigned };
}
