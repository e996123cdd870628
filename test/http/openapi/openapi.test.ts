import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leavesOf, membersOf } from '../../../src/onboarding/members.ts';
import { onboardingRequestSchema } from '../../../src/onboarding/request.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../../support/app-on-local-aws.ts';
import {
  createDocumentChecker,
  expectAssets,
  type OpenApiDocument,
  openApiDocumentOf,
} from '../../support/openapi.ts';
import { authenticated, post, startPath, syncPath } from '../../support/requests.ts';

const statusPath = '/onboarding-status/{executionArn}';
let running: AppOnLocalAws;
let document: OpenApiDocument;
/** The document of a service with authentication, and so with a rate limit. */
let guarded: OpenApiDocument;
beforeAll(async () => {
  running = await startAppOnLocalAws();
  document = await openApiDocumentOf(running.url);
  const other = await running.startAnother(authenticated);
  guarded = await openApiDocumentOf(other.url);
  await other.close();
});
afterAll(() => running.close());

type Operation = [string, OpenApiDocument['paths'][string][string]];
/** The operations by method and path, without the one of another server. */
const operations = (of: OpenApiDocument): Operation[] =>
  Object.entries(of.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => !('servers' in operation))
      .map(([method, operation]): Operation => [`${method} ${path}`, operation]),
  );
const statuses = (of: OpenApiDocument) =>
  Object.fromEntries(
    operations(of).map(([name, { responses }]) => [name, Object.keys(responses).join(' ')]),
  );

test('the document is OpenAPI 3.1 and has every path and method', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { license: { name: 'MIT License', identifier: 'MIT' } },
    servers: [{ url: '/' }],
  });
  expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual([
    ['/health/live', ['get']],
    ['/health/ready', ['get']],
    ['/metrics', ['get']],
    [syncPath, ['post']],
    [startPath, ['post']],
    [statusPath, ['get']],
    [`${statusPath}/steps`, ['get']],
    ['/onboarding-status', ['get']],
    [`${statusPath}/cancel`, ['post']],
    ['/new-user', ['post']],
  ]);
});

test('the document has every status of every operation', () => {
  expect(statuses(document)).toEqual({
    'get /health/live': '200 400 408 431 500',
    'get /health/ready': '200 400 408 431 500 503',
    'get /metrics': '200 400 408 431 500 503',
    [`post ${syncPath}`]: '200 400 408 409 413 415 422 431 500 502 503 504',
    [`post ${startPath}`]: '202 400 408 413 415 422 431 500 502 503',
    [`get ${statusPath}`]: '200 400 404 408 431 500 502 503',
    [`get ${statusPath}/steps`]: '200 400 404 408 431 500 502 503',
    'get /onboarding-status': '200 400 408 431 500 501 503',
    [`post ${statusPath}/cancel`]: '200 400 404 408 409 413 415 431 500 502 503',
  });
  expect(statuses(guarded)).toEqual({
    'get /health/live': '200 400 408 431 500',
    'get /health/ready': '200 400 408 431 500 503',
    'get /metrics': '200 400 401 403 408 429 431 500 503',
    [`post ${syncPath}`]: '200 400 401 403 408 409 413 415 422 429 431 500 502 503 504',
    [`post ${startPath}`]: '202 400 401 403 408 413 415 422 429 431 500 502 503',
    [`get ${statusPath}`]: '200 400 401 403 404 408 429 431 500 502 503',
    [`get ${statusPath}/steps`]: '200 400 401 403 404 408 429 431 500 502 503',
    'get /onboarding-status': '200 400 401 403 408 429 431 500 501 503',
    [`post ${statusPath}/cancel`]: '200 400 401 403 404 408 409 413 415 429 431 500 502 503',
  });
});

describe('the document has the response headers', () => {
  const headers = (of: OpenApiDocument, path: string, method: string, status: number) =>
    of.paths[path]?.[method]?.responses[status]?.headers ?? {};

  test('with their types', () => {
    expect(headers(document, syncPath, 'post', 200)).toMatchObject({
      'x-request-id': { schema: { type: 'string' } },
    });
    expect(headers(document, syncPath, 'post', 503)).toMatchObject({
      'retry-after': { schema: { type: 'integer', minimum: 0 } },
    });
    expect(headers(document, startPath, 'post', 202)).toMatchObject({
      location: { schema: { type: 'string' } },
      'retry-after': { schema: { type: 'integer', minimum: 0 } },
      'idempotent-replayed': { schema: { type: 'string' } },
    });
    expect(headers(document, statusPath, 'get', 200)).toMatchObject({
      age: { schema: { type: 'integer', minimum: 0 } },
      'retry-after': { schema: { type: 'integer', minimum: 0 } },
      'preference-applied': { schema: { type: 'string' } },
    });
  });

  test('of the rate limit, in every response of a limited route', () => {
    for (const [name, { responses }] of operations(guarded)) {
      for (const [status, response] of Object.entries(responses)) {
        const isCounted = !name.includes('/health/') && !['408', '431'].includes(status);
        const limits = Object.entries(response.headers ?? {}).filter(([header]) =>
          header.startsWith('ratelimit-'),
        );
        expect([name, status, limits.length]).toEqual([name, status, isCounted ? 3 : 0]);
        for (const [, { schema }] of limits) expect(schema).toMatchObject({ type: 'integer' });
      }
    }
    expect(JSON.stringify(document)).not.toContain('ratelimit-');
  });
});

test('each operation and each of its responses has a description and an example', () => {
  for (const [name, operation] of [...operations(document), ...operations(guarded)]) {
    expect(operation.description, name).not.toBe('');
    for (const { content } of Object.values(operation.requestBody ? [operation.requestBody] : [])) {
      expect(content['application/json']?.example, name).toBeDefined();
    }
    for (const parameter of operation.parameters ?? []) {
      const example = parameter.required ? parameter.example : parameter.schema.examples?.[0];
      expect(example, `${name} ${parameter.name}`).toBeDefined();
    }
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      const [type = '', { example, examples } = {}] = Object.entries(content)[0] ?? [];
      expect(description, name).not.toBe('Default Response');
      if (status >= '400') expect(type, name).toBe('application/problem+json');
      if (!type.startsWith('text/')) expect(example ?? examples, name).toBeDefined();
    }
  }
});

test('every example is valid by its schema', () => {
  let checked = 0;
  for (const each of [document, guarded]) {
    const { expectDocumented, accepts } = createDocumentChecker(each);
    for (const [name, { requestBody, responses }] of operations(each)) {
      const [method = '', path = ''] = name.split(' ');
      const example = requestBody?.content['application/json']?.example;
      if (example !== undefined) expect(accepts(path, method, example)).toBe(true);
      for (const [status, { content }] of Object.entries(responses)) {
        for (const [type, { example, examples }] of Object.entries(content)) {
          const values = [example, ...Object.values(examples ?? {}).map(({ value }) => value)];
          for (const value of values.filter((each) => each !== undefined)) {
            checked += 1;
            expectDocumented(path, method, {
              status: Number(status),
              headers: { 'content-type': type },
              body: JSON.stringify(value),
            });
          }
        }
      }
    }
  }
  expect(checked).toBeGreaterThan(100);
});

test('each problem type has one schema, with its own members', () => {
  const { schemas } = document.components;
  expect(schemas.WorkflowFailedProblem).toMatchObject({
    properties: {
      type: { const: '/problems/workflow-failed' },
      status: { const: 400 },
      error: { type: 'string' },
      cause: { type: 'string' },
      executionStatus: { enum: ['FAILED', 'TIMED_OUT'] },
      executionArn: { type: 'string' },
    },
  });
  expect(schemas.InvalidOnboardingRequestProblem).toMatchObject({
    properties: { errors: { type: 'array' }, message: { type: 'string' } },
  });
  const problems = Object.entries(schemas).filter(([name]) => name.endsWith('Problem'));
  const types = problems.map(([, { properties }]) => Object(properties).type.const);
  expect(new Set(types).size).toBe(types.length);
  expect(types).toContain('/problems/headers-too-large');
});

test('the response of a start links to the operation of its status', () => {
  expect(document.paths[startPath]?.post?.responses['202']).toMatchObject({
    links: {
      readStatus: {
        operationId: 'getOnboardingStatus',
        parameters: { executionArn: '$response.body#/executionArn' },
      },
    },
  });
});

test('the document has the no-code route, with its own server', () => {
  expect(document.paths['/new-user']?.post).toMatchObject({
    servers: [{ url: 'https://{apiId}.execute-api.{region}.amazonaws.com' }],
    security: [],
  });
});

const reference = (name: string) => `#/components/schemas/${name}`;

test('the component schemas are exactly those that references name', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target);
  expect(new Set(references)).toEqual(
    new Set(Object.keys(document.components.schemas).map(reference)),
  );
});

test('no schema forbids further members, so that responses may get new ones', () => {
  expect(JSON.stringify(document)).not.toContain('"additionalProperties":false');
});

describe('the example of an onboarding request', () => {
  const examples = () => document.components.schemas.OnboardingRequest?.examples ?? [];

  test('is valid and has every member', () => {
    expect(examples()).toHaveLength(1);
    expect(onboardingRequestSchema.parse(examples()[0])).toEqual(examples()[0]);
    const members = leavesOf(membersOf(onboardingRequestSchema));
    expect(members.length).toBeGreaterThan(5);
    for (const { path } of members) expect(examples()[0]).toHaveProperty([...path]);
  });

  test.each([
    [syncPath, 200],
    [startPath, 202],
  ])('is accepted by %s with %i', async (path, status) => {
    expect(document.paths[path]?.post?.requestBody?.content).toEqual({
      'application/json': {
        schema: { $ref: reference('OnboardingRequest') },
        example: examples()[0],
      },
    });
    expect((await post(running.url + path, examples()[0])).status).toBe(status);
  });
});

describe('Swagger UI', () => {
  test('is served at /docs, with all the assets of its page', async () => {
    const page = await fetch(`${running.url}/docs`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    await expectAssets(page);
  });

  test('has its own title and icon', async () => {
    const html = await (await fetch(`${running.url}/docs`)).text();
    expect(html).toContain('<title>User onboarding</title>');
    const [, icon = ''] = /<link rel="icon"[^>]* href="([^"]+)"/.exec(html) ?? [];
    const response = await fetch(new URL(icon, running.url));
    expect(response.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
  });

  test('has an initializer that parses, including the script of this service', async () => {
    const response = await fetch(`${running.url}/docs/static/swagger-initializer.js`);
    const text = await response.text();
    expect(text).toContain('changeParamByIdentity');
    expect(() => new Script(text)).not.toThrow();
  });

  test('shows the same document as /openapi.json', async () => {
    expect(await (await fetch(`${running.url}/docs/json`)).json()).toEqual(document);
  });
});
