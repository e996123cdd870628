import type { Exchange } from './view.ts';

/** The routes of the three ways to start an onboarding. */
export const ways = {
  sync: '/process-user-onboarding-sync',
  async: '/process-user-onboarding',
  'no-code': '/new-user',
} as const;

export type Way = keyof typeof ways;

/**
 * Sends a request to the service or API Gateway as a caller would. Returns the request and the
 * response, whatever its status. The page cannot send it itself: both refuse other origins.
 *
 * @throws if there is no response
 */
export async function exchange(
  baseUrl: string,
  way: Way,
  body: string,
  idempotencyKey: string | undefined,
): Promise<Exchange> {
  const url = baseUrl + ways[way];
  const requestHeaders = {
    'content-type': 'application/json',
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
  };
  const began = performance.now();
  const response = await fetch(url, { method: 'POST', headers: requestHeaders, body });
  const text = await response.text();
  return {
    method: 'POST',
    url,
    requestHeaders,
    requestBody: body,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text,
    milliseconds: performance.now() - began,
  };
}
