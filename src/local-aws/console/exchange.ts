import type { Exchange } from './view.ts';

/** The three ways in, by their routes. */
export const ways = {
  wait: '/process-user-onboarding-sync',
  start: '/process-user-onboarding',
  'no-code': '/new-user',
} as const;

export type Way = keyof typeof ways;

/**
 * Sends a request to the service or the gateway as a caller would, and returns both sides of it,
 * whatever came back. It goes through here as neither lets pages of other origins call it.
 *
 * @throws where nothing responds
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
