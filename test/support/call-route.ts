import { problemDetailsSchema } from '../../src/http/problem-details/problem.ts';
import { onboardingRequest } from './app.ts';
import { executionArnOf, type Operation } from './step-functions-stub/executions.ts';

/** The three routes by short names, with the operation that each one calls. */
export const operationOf = {
  sync: 'StartSyncExecution',
  start: 'StartExecution',
  status: 'DescribeExecution',
} as const satisfies Record<string, Operation>;

export type Route = keyof typeof operationOf;

export interface RouteResponse {
  /** The status, with the type of the problem if there is one: `202`, `503 step-functions-throttled`. */
  readonly outcome: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface RouteRequest {
  readonly userId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a valid request to a route, over a real connection. */
export async function callRoute(
  url: string,
  route: Route,
  { userId = 'user-88888', headers = {}, signal }: RouteRequest = {},
): Promise<RouteResponse> {
  const init = route === 'status' ? {} : post(userId);
  const response = await fetch(`${url}${pathOf(route, userId)}`, {
    ...init,
    headers: { 'content-type': 'application/json', ...headers },
    ...(signal && { signal }),
  });
  const { status } = response;
  const text = await response.text();
  return { outcome: outcomeOf(status, text), status, headers: response.headers, text };
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

function outcomeOf(status: number, text: string): string {
  if (status < 400) return String(status);
  const problem = problemDetailsSchema.loose().parse(JSON.parse(text));
  return `${status} ${problem.type.replace('/problems/', '')}`;
}
