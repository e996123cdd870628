import { z } from 'zod';
import { unwrapOptional } from './members.ts';

/** Returns an object of the schema, made of the first of each member's `examples`. */
export function exampleOf(schema: z.ZodObject): object {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([name, member]) => {
      const required = unwrapOptional(member);
      if (required instanceof z.ZodObject) return [name, exampleOf(required)];
      const { examples } = z.globalRegistry.get(member) ?? {};
      return [name, Array.isArray(examples) ? examples[0] : undefined];
    }),
  );
}
