/** An error response of the console's own API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws {ApiError}, or another error if there is no response */
export async function getJson<T>(path: string): Promise<T> {
  return read(await send(path));
}

/** @throws {ApiError}, or another error if there is no response */
export async function postJson<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return read(await send(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export const executionPath = (arn: string) => `/api/executions/${encodeURIComponent(arn)}`;

async function send(path: string, request?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (cause) {
    throw new Error('There is no response. Is npm run dev still running?', { cause });
  }
}

async function read<T>(response: Response): Promise<T> {
  const body = await response.json();
  if (response.ok) return body;
  throw new ApiError(
    response.status,
    body.message ?? `The console's server responded ${response.status}.`,
  );
}
