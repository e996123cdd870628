import { expect, test } from 'vitest';
import { z } from 'zod';
import { withCompleteRequests } from '../../src/documentation/complete-requests.ts';

const text = (example: string) => z.string().meta({ examples: [example] });
const schema = z.object({
  user: z.object({
    realm: text('eu'),
    userId: text('user-88888'),
    name: text('Jane Doe'),
    source: text('web'),
    locale: text('de-CH'),
    address: z.object({ postalCode: text('3011'), city: text('Bern') }),
    metadata: z.object({ country: text('US') }).optional(),
  }),
});

const members = '"userId": "user-1", "name": "Jane \\"J\\" Doe",\n          "source": "web"';
const curl = (body: string) => `\`\`\`sh\ncurl -i http://127.0.0.1:3000/ -d '${body}'\n\`\`\`\n`;
const address = '"address": {"postalCode":"3011","city":"Bern"}';

test.each([
  [
    'at the start of the user and after its last member',
    `\n{"user": {${members}}}`,
    `\n{"user": {"realm": "eu", ${members}, "locale": "de-CH", ${address}}}`,
  ],
  [
    'before metadata',
    `{"user": {"realm": "eu", ${members}, "metadata": {"country": "US"}}}`,
    `{"user": {"realm": "eu", ${members}, "locale": "de-CH", ${address}, "metadata": {"country": "US"}}}`,
  ],
  [
    'in the input of the no-code route',
    `{"input": {"user": {"realm": "eu", ${members}, "locale": "de-CH"}}}`,
    `{"input": {"user": {"realm": "eu", ${members}, "locale": "de-CH", ${address}}}}`,
  ],
  [
    'in a nested object',
    `{"user": {"realm": "eu", ${members}, "locale": "de-CH", "address": {"postalCode": "1"}}}`,
    `{"user": {"realm": "eu", ${members}, "locale": "de-CH", "address": {"postalCode": "1", "city": "Bern"}}}`,
  ],
  [
    'whatever the case of the names',
    `{"User": {"Realm": "eu", ${members.replace('source', 'Source')}}}`,
    `{"User": {"Realm": "eu", ${members.replace('source', 'Source')}, "locale": "de-CH", ${address}}}`,
  ],
])('a required member is added %s', (_where, sent, completed) => {
  expect(withCompleteRequests(curl(sent), schema)).toBe(curl(completed));
  expect(withCompleteRequests(curl(completed), schema)).toBe(curl(completed));
});

test.each(['{"reason": "The user withdrew."}', '{}'])('%s is not a request', (body) => {
  expect(withCompleteRequests(curl(body), schema)).toBe(curl(body));
});
