import type { z } from 'zod';
import { isObject, type JsonObject, type Members, membersOf } from './members.ts';

/** The most that an execution's input may hold, in bytes of UTF-8: Step Functions' own quota. */
export const maximumInputBytes = 262_144;

/** The canonical input is larger than Step Functions takes. */
export class InputTooLarge extends Error {
  override readonly name = 'InputTooLarge';
}

/**
 * Makes the function that writes a request as the workflow's input, canonically: known members in
 * the schema's order, others after them, sorted by UTF-16 code units. Optional members that are
 * `null`, or objects without members, are left out. The same request gives the same bytes whatever
 * its order or case; idempotent starts depend on that, since Step Functions compares inputs.
 *
 * The function throws {@link InputTooLarge} over 262,144 bytes of UTF-8.
 */
export function canonicalWriter<Schema extends z.ZodObject>(
  schema: Schema,
): (request: z.infer<Schema>) => string {
  const members = membersOf(schema);
  return (request) => {
    const input = write(request, members);
    if (Buffer.byteLength(input) > maximumInputBytes) throw new InputTooLarge();
    return input;
  };
}

function write(object: JsonObject, { known, names, isOpen }: Members): string {
  const written: string[] = [];
  for (const { name, isOptional, members } of known) {
    const value = object[name];
    if (value === undefined || value === null) continue;
    const text = members && isObject(value) ? write(value, members) : JSON.stringify(value);
    if (isOptional && members && text === '{}') continue;
    written.push(`${JSON.stringify(name)}:${text}`);
  }
  if (isOpen) {
    const others = Object.keys(object).filter((name) => !names.has(name));
    // One by one: an object has names like "2" before all others.
    let length = 0;
    for (const name of others.sort()) {
      const text = `${JSON.stringify(name)}:${JSON.stringify(object[name])}`;
      length += text.length;
      if (length > maximumInputBytes) throw new InputTooLarge();
      written.push(text);
    }
  }
  return `{${written.join(',')}}`;
}
