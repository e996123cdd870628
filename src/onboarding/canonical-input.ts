import type { z } from 'zod';
import { isObject, type JsonObject, type Members, membersOf } from './members.ts';

/** Step Functions' quota for the input of an execution, in bytes of UTF-8. */
const maximumInputBytes = 262_144;

/** The input is larger than Step Functions accepts. */
export class InputTooLarge extends Error {
  override readonly name = 'InputTooLarge';
}

/**
 * Returns a function that writes a request as the canonical input of the workflow: known members in
 * the order of the schema, then other members sorted by UTF-16 code units. It leaves out optional
 * members that are `null` or empty objects. Equal requests give equal bytes, whatever the order of
 * their members. Idempotent starts depend on that, since Step Functions compares inputs.
 *
 * @throws {InputTooLarge} (the returned function) over 262,144 bytes of UTF-8
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
    // Written one by one, because an object always puts integer-like names such as "2" first.
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
