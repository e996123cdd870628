import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { listen } from '../support/listen.ts';
import { expectAssets } from '../support/openapi.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import { startBehind } from '../support/start-behind.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';

const prefix = '/svc';
let stub: StepFunctionsStub;
let app: RunningApp;
let url: string;

/** A proxy that forwards paths below the prefix, and strips the prefix. */
const proxy = createServer((incoming, outgoing) => {
  const { pathname, search } = new URL(`http://localhost${incoming.url}`);
  if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) {
    outgoing.writeHead(404).end();
    return;
  }
  const path = `${pathname.slice(prefix.length) || '/'}${search}`;
  const { method, headers } = incoming;
  incoming.pipe(
    request(new URL(path, app.url), { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(outgoing);
    }),
  );
});

beforeAll(async () => {
  url = (await listen(proxy)) + prefix;
  stub = await startStepFunctionsStub();
  app = await startApp(stub.url, { PUBLIC_URL: `${url}/` });
});
afterAll(async () => {
  proxy.close();
  await app.close();
  await stub.close();
});

test('Location points to the status, through the proxy', async () => {
  const started = await post(`${url}${startPath}`, onboardingRequest());
  const location = started.headers.get('location') ?? '';
  expect(location).toMatch(/^http/);
  expect((await fetch(location)).status).toBe(200);
});

test('problem types are URLs below PUBLIC_URL, even for malformed requests', async () => {
  const refused = await post(`${url}${syncPath}`, {});
  expect(await refused.json()).toMatchObject({
    type: `${url}/problems/invalid-onboarding-request`,
  });
  const socket = openSocket(app.url);
  socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
  expect(await (await readResponse(socket)).json()).toMatchObject({
    type: `${url}/problems/invalid-request`,
  });
});

const openApiDocument = z.object({ servers: z.array(z.object({ url: z.string() })) });

test('the OpenAPI document has PUBLIC_URL as its server and in problem types', async () => {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  expect(openApiDocument.parse(JSON.parse(text)).servers).toEqual([{ url }]);
  expect(text).toContain(`"type":"${url}/problems/overloaded"`);
});

test('Location is ASCII, even if PUBLIC_URL is not', async () => {
  const PUBLIC_URL = 'https://\u4f8b\u3048.example/caf\u00e9/';
  const { url: service } = await startBehind({}, { PUBLIC_URL });
  const started = await post(`${service}${startPath}`, onboardingRequest());
  expect(started.status).toBe(202);
  expect(started.headers.get('location')).toMatch(
    /^https:\/\/xn--r8jz45g\.example\/caf%C3%A9\/onboarding-status\/arn:/,
  );
});

describe('Swagger UI', () => {
  test.each(['', '/', '/docs', '/docs/'])(
    'is at PUBLIC_URL followed by %j, with its assets',
    async (path) => {
      const page = await fetch(`${url}${path}`);
      expect(page.status).toBe(200);
      await expectAssets(page);
    },
  );

  test('shows the document with PUBLIC_URL', async () => {
    const { servers } = openApiDocument.parse(await (await fetch(`${url}/docs/json`)).json());
    expect(servers).toEqual([{ url }]);
  });
});

describe('without PUBLIC_URL', () => {
  test('/ redirects to the documentation', async () => {
    const { url: root } = await startBehind({});
    const response = await fetch(`${root}/`, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/docs');
    expect((await fetch(`${root}/`, { method: 'POST' })).status).toBe(405);
  });

  test.each(['DOCS', 'OPENAPI'])('/ responds 404 with %s=off', async (name) => {
    const { url: root } = await startBehind({}, { [name]: 'off' });
    expect((await fetch(`${root}/`)).status).toBe(404);
  });
});
