import { problemDetailsSchema } from '../../src/http/problem.ts';
import { onboardingRequest } from './app.ts';
import { executionArnOf, type Operation } from './step-functions-stub/executions.ts';

/** The three routes by short names, and the call that each one makes. */
export const operationOf = {
  sync: 'StartSyncExecution',
  start: 'StartExecution',
  status: 'DescribeExecution',
} as const satisfies Record<string, Operation>;

export type Route = keyof typeof operationOf;

export interface Answer {
  /** `202`, or `503 step-functions-throttled` for a problem. */
  readonly answer: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Question {
  readonly userId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a good request to a route, over a real connection. */
export async function ask(
  url: string,
  route: Route,
  { userId = 'user-88888', headers = {}, signal }: Question = {},
): Promise<Answer> {
  const init = route === 'status' ? {} : post(userId);
  const response = await fetch(`${url}${pathOf(route, userId)}`, {
    ...init,
    headers: { 'content-type': 'application/json', ...headers },
    ...(signal && { signal }),
  });
  const { status } = response;
  const text = await response.text();
  return { answer: nameOf(status, text), status, headers: response.headers, text };
}

function pathOf(route: Route, userId: string): string {
  switch (route) {
    case 'sync':
      return '/process-user-onboarding-sync';
    case 'start':
      return '/process-user-onboarding';
    case 'status':
      return `/onboarding-status/${executionArnOf(userId)}`;
  }
}

const post = (userId: string) => ({
  method: 'POST',
  body: JSON.stringify(onboardingRequest(userId)),
});

function nameOf(status: number, text: string): string {
  if (status < 400) return String(status);
  const problem = problemDetailsSchema.loose().parse(JSON.parse(text));
  return `${status} ${problem.type.replace('/problems/', '')}`;
}
