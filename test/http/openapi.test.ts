import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { problemDetailsSchema } from '../../src/http/problem.ts';
import { onboardingRequestSchema } from '../../src/onboarding/request.ts';
import { statusResponseSchema } from '../../src/onboarding/responses.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, startPath, syncPath } from '../support/requests.ts';

const schemaReference = z.object({ $ref: z.string() });
const content = z.record(
  z.string(),
  z.object({
    schema: schemaReference,
    examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
  }),
);
const operation = z.object({
  summary: z.string(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(
    z.string(),
    z.object({ description: z.string(), headers: z.record(z.string(), z.unknown()), content }),
  ),
});
const openApiDocument = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(z.string(), z.looseObject({ examples: z.array(z.unknown()).optional() })),
  }),
});

const statusPath = '/onboarding-status/{executionArn}';

let running: AppOnLocalAws;
let text: string;
let document: z.infer<typeof openApiDocument>;
beforeAll(async () => {
  running = await startAppOnLocalAws();
  const answer = await fetch(`${running.url}/openapi.json`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  text = await answer.text();
  document = openApiDocument.parse(JSON.parse(text));
});
afterAll(() => running.close());

const statuses = (path: string, method: string) =>
  Object.keys(document.paths[path]?.[method]?.responses ?? {});

test('it is OpenAPI 3.1 of the three routes', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual([
    [syncPath, ['post']],
    [startPath, ['post']],
    [statusPath, ['get']],
  ]);
});

test('it has every status that a route answers with', () => {
  expect(statuses(syncPath, 'post')).toEqual([
    '200',
    '400',
    '413',
    '415',
    '500',
    '502',
    '503',
    '504',
  ]);
  expect(statuses(startPath, 'post')).toEqual([
    '202',
    '400',
    '413',
    '415',
    '422',
    '500',
    '502',
    '503',
  ]);
  expect(statuses(statusPath, 'get')).toEqual(['200', '400', '404', '500', '502', '503']);
});

test('it has every header that an answer may have', () => {
  const headers = (path: string, method: string, status: number) =>
    Object.keys(document.paths[path]?.[method]?.responses[status]?.headers ?? {});
  expect(headers(syncPath, 'post', 200)).toEqual(['x-request-id']);
  expect(headers(syncPath, 'post', 503)).toEqual(['x-request-id', 'retry-after']);
  const overloaded = document.paths[statusPath]?.get?.responses[503]?.content;
  expect(Object.keys(overloaded?.['application/problem+json']?.examples ?? {})).toEqual([
    'step-functions-throttled',
    'step-functions-unavailable',
    'overloaded',
  ]);
  expect(headers(startPath, 'post', 202)).toEqual([
    'x-request-id',
    'location',
    'retry-after',
    'idempotent-replayed',
  ]);
  expect(headers(statusPath, 'get', 200)).toEqual([
    'x-request-id',
    'age',
    'retry-after',
    'preference-applied',
    'cache-control',
  ]);
});

test('every answer is described, and every one that is not good is a problem', () => {
  for (const item of Object.values(document.paths)) {
    for (const { responses } of Object.values(item)) {
      for (const [status, response] of Object.entries(responses)) {
        expect(response.description).not.toBe('Default Response');
        const [type, schema] = Object.entries(response.content)[0] ?? [];
        expect(type).toBe(status < '400' ? 'application/json' : 'application/problem+json');
        if (status < '400') continue;
        expect(schema?.schema).toEqual({ $ref: reference('ProblemDetails') });
        const examples = Object.entries(schema?.examples ?? {});
        expect(examples).not.toEqual([]);
        for (const [slug, { value }] of examples) {
          expect(problemDetailsSchema.parse(value)).toMatchObject({
            type: `/problems/${slug}`,
            status: Number(status),
          });
        }
      }
    }
  }
});

const reference = (name: string) => `#/components/schemas/${name}`;

test('each schema is there once, under the name that is referred to', () => {
  expect(Object.keys(document.components.schemas).toSorted()).toEqual([
    'OnboardingRequest',
    'ProblemDetails',
    'StartedResponse',
    'StatusResponse',
    'SyncResponse',
  ]);
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target);
  expect(new Set(references)).toEqual(
    new Set(Object.keys(document.components.schemas).map(reference)),
  );
});

test('answers may get further members: callers are told to expect that', () => {
  expect(text).not.toContain('"additionalProperties":false');
});

test('the example of a status is one', () => {
  const [example] = document.components.schemas.StatusResponse?.examples ?? [];
  expect(statusResponseSchema.strict().parse(example)).toEqual(example);
});

describe('the example of a request', () => {
  const examples = () => document.components.schemas.OnboardingRequest?.examples ?? [];

  test('is a good one, with nothing missing', () => {
    expect(examples()).toHaveLength(1);
    const { user } = onboardingRequestSchema.parse(examples()[0]);
    expect({ user }).toEqual(examples()[0]);
    expect(user.metadata).toEqual({
      referralCode: expect.any(String),
      country: expect.any(String),
    });
  });

  test.each([
    [syncPath, 200],
    [startPath, 202],
  ])('is what %s answers well', async (path, status) => {
    expect(document.paths[path]?.post?.requestBody?.content).toEqual({
      'application/json': { schema: { $ref: reference('OnboardingRequest') } },
    });
    expect((await post(running.url + path, examples()[0])).status).toBe(status);
  });
});

describe('Swagger UI', () => {
  test('is served at /docs, with all that its page asks for', async () => {
    const page = await fetch(`${running.url}/docs`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      const answer = await fetch(new URL(asset, page.url));
      expect(answer.status, asset).toBe(200);
      // Unread, it would hold its connection, and so the app, until it is collected.
      await answer.arrayBuffer();
    }
  });

  test('shows the same document', async () => {
    expect(await (await fetch(`${running.url}/docs/json`)).json()).toEqual(JSON.parse(text));
  });
});
