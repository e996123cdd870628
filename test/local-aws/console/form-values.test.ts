import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  bodyOf,
  exampleTexts,
  filledIn,
  labelOf,
  requestIn,
  textsOf,
} from '../../../src/local-aws/console/page/form-values.ts';
import { requestFields } from '../../../src/local-aws/console/request-fields.ts';
import { exampleOf } from '../../../src/onboarding/example.ts';
import { exampleRequest, onboardingRequestSchema } from '../../../src/onboarding/request.ts';

const { user } = onboardingRequestSchema.shape;
const schema = onboardingRequestSchema.extend({
  user: user.extend({
    addedText: z.string().meta({ examples: ['de-CH'] }),
    addedNumber: z.number().meta({ examples: [3] }),
    addedList: z
      .array(z.string())
      .optional()
      .meta({ examples: [['new']] }),
    addedObject: z.object({
      postalCode: z
        .string()
        .nullish()
        .meta({ examples: ['3011'] }),
    }),
  }),
});
const fields = requestFields(schema);
const example = exampleTexts(fields);

test('the form has a field for each member of the schema, in its order', () => {
  const own = requestFields(onboardingRequestSchema);
  expect(filledIn({}, own, exampleTexts(own))).toEqual(exampleRequest);
  expect(fields.slice(own.length).map(labelOf)).toEqual([
    'Added text',
    'Added number',
    'Added list',
    'Postal code',
  ]);
});

test('the examples in the fields give the example of the schema', () => {
  expect(filledIn({}, fields, example)).toEqual(exampleOf(schema));
  expect(schema.safeParse(filledIn({}, fields, example)).success).toBe(true);
});

describe('a field', () => {
  const sent = (name: string, text: string) =>
    JSON.parse(bodyOf('sync', filledIn({}, fields, { ...example, [name]: text }))).user;

  test('that is empty leaves out an optional member, and not a required one', () => {
    expect(sent('user.addedList', '')).not.toHaveProperty('addedList');
    expect(sent('user.addedObject.postalCode', '').addedObject).toEqual({});
    expect(sent('user.addedText', '')).toMatchObject({ addedText: '' });
  });

  test('of a member that is not text takes JSON, and sends other text for the service to refuse', () => {
    expect(sent('user.addedNumber', '42')).toMatchObject({ addedNumber: 42 });
    expect(sent('user.addedList', '["a", "b"]')).toMatchObject({ addedList: ['a', 'b'] });
    expect(sent('user.addedNumber', 'many')).toMatchObject({ addedNumber: 'many' });
  });

  test('of a text sends digits as text', () => {
    expect(sent('user.addedText', '42')).toMatchObject({ addedText: '42' });
  });
});

describe('a body edited as JSON', () => {
  test.each(['sync', 'no-code'] as const)('gives the fields their values, for %s', (way) => {
    expect(textsOf(fields, requestIn(bodyOf(way, exampleOf(schema))) ?? {})).toEqual(example);
  });

  test('keeps members that have no field', () => {
    const edited = { user: { metadata: { plan: 'pro' } }, other: [1] };
    const body = filledIn(edited, fields, textsOf(fields, edited));
    expect(body).toMatchObject(edited);
  });

  test.each(['', '{', '"text"', '[1]', 'null'])('%j has no request', (text) => {
    expect(requestIn(text)).toBeUndefined();
  });
});
