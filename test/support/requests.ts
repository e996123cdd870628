import { expect } from 'vitest';
import { z } from 'zod';
import { problemDetailsSchema } from '../../src/http/problem.ts';

type Headers = Readonly<Record<string, string>>;

export const syncPath = '/process-user-onboarding-sync';
export const startPath = '/process-user-onboarding';

/** Sends the body as JSON, unless it is bytes or a text already. */
export function post(url: string, body: unknown, headers: Headers = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

const problemDocument = problemDetailsSchema.loose().extend({
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

/** The problem document that the answer must be, with all that goes for every one of them. */
export async function problemIn(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemDocument.parse(await answer.json());
  expect(problem.type).toMatch(/^\/problems\/[a-z-]+$/);
  expect(problem.status).toBe(answer.status);
  expect(problem.instance).toBe(answer.headers.get('x-request-id'));
  return problem;
}

/** Settings with which callers must be authenticated. */
export const authenticated = {
  AUTH_ISSUER: 'https://issuer.example.com',
  AUTH_AUDIENCE: 'https://api.example.com',
};
