import { z } from 'zod';
import { type Members, membersOf } from './members.ts';

/**
 * Returns an object of the schema, made of the first of each member's `examples`.
 *
 * @throws {Error} a member has no example or an invalid one; the message is for the developer who
 *   edits the schema
 */
export function exampleOf<Schema extends z.ZodObject>(schema: Schema): z.infer<Schema> {
  const { data, error } = schema.safeParse(assemble(membersOf(schema), ''));
  if (error) throw new Error(`An example in the schema is invalid.\n${z.prettifyError(error)}`);
  return data;
}

function assemble({ known }: Members, path: string): object {
  return Object.fromEntries(
    known.map(({ name, members, example }) => {
      if (members) return [name, assemble(members, `${path}${name}.`)];
      if (example !== undefined) return [name, example];
      throw new Error(
        `The member ${path}${name} has no example. Add .meta({ examples: [a valid value] }) to its schema.`,
      );
    }),
  );
}
