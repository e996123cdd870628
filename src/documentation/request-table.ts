import type { z } from 'zod';
import { type Members, membersOf } from '../onboarding/members.ts';
import { replaceTable } from './replace.ts';

/** Returns the text of src/onboarding/README.md with the table of the members of a request. */
export function withRequestTable(readme: string, schema: z.ZodObject): string {
  const rows = rowsOf(membersOf(schema), '');
  return replaceTable(
    readme,
    '### The request',
    `| member | value | |\n| --- | --- | --- |\n${rows}`,
  );
}

function rowsOf({ known }: Members, prefix: string): string {
  return known
    .map(({ name, isOptional, members, schema, description }) => {
      const path = prefix + name;
      const value = description ?? schema._zod.def.type;
      const row = `| \`${path}\` | ${value} | ${isOptional ? 'optional' : 'required'} |\n`;
      return members ? row + rowsOf(members, `${path}.`) : row;
    })
    .join('');
}
