/** An error response of the console's own API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

/** @throws {ApiError} */
export async function getJson<T>(path: string): Promise<T> {
  return read(await fetch(path));
}

/** @throws {ApiError} */
export async function postJson<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return read(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export const executionPath = (arn: string) => `/api/executions/${encodeURIComponent(arn)}`;

async function read<T>(response: Response): Promise<T> {
  const body = await response.json();
  if (response.ok) return body;
  throw new ApiError(body.message ?? `The console's server responded ${response.status}.`);
}
