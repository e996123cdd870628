import { expect } from 'vitest';
import { z } from 'zod';
import { problemDetailsSchema } from '../../src/http/problem-details/problem.ts';
import { startedResponseSchema } from '../../src/onboarding/responses.ts';
import { onboardingRequest } from './app.ts';

type Headers = Readonly<Record<string, string>>;

export const syncPath = '/process-user-onboarding-sync';
export const startPath = '/process-user-onboarding';

/** Sends the body as JSON, or as it is if it is bytes or a string. */
export function post(url: string, body: unknown, headers: Headers = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

/** Starts an onboarding, and returns its execution ARN. */
export async function startOnboarding(url: string, headers: Headers = {}): Promise<string> {
  const response = await post(`${url}${startPath}`, onboardingRequest(), headers);
  return startedResponseSchema.parse(await response.json()).executionArn;
}

const problemDocument = problemDetailsSchema.loose().extend({
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

/** The problem document in a response; expects what all of them have in common. */
export async function problemIn(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const problem = problemDocument.parse(await response.json());
  expect(problem.type).toMatch(/^\/problems\/[a-z-]+$/);
  expect(problem.status).toBe(response.status);
  expect(problem.instance).toBe(response.headers.get('x-request-id'));
  return problem;
}

/** Settings that require authentication. */
export const authenticated = {
  AUTH_ISSUER: 'https://issuer.example.com',
  AUTH_AUDIENCE: 'https://api.example.com',
};
