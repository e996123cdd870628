import { expect, test } from 'vitest';
import { z } from 'zod';
import { withRequestTable } from '../../src/documentation/request-table.ts';

test('the table has a row for each member, with its description or its type', () => {
  const schema = z.object({
    user: z.object({
      locale: z.string().meta({ description: 'A language tag' }),
      address: z.object({ floor: z.number() }).nullish(),
    }),
  });
  const readme = '### The request\n\n| member |\n| --- |\n| old |\n\nMore.\n';
  expect(withRequestTable(readme, schema)).toBe(`### The request

| member | value | |
| --- | --- | --- |
| \`user\` | object | required |
| \`user.locale\` | A language tag | required |
| \`user.address\` | object | optional |
| \`user.address.floor\` | number | required |

More.
`);
});
