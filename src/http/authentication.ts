import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccessToken, createTokenVerifier, InvalidToken } from './access-token.ts';
import { createKeySet, KeysUnavailable } from './key-set.ts';
import { addLogFields } from './log-fields.ts';
import { Problem } from './problem.ts';
import type { AuthenticationSettings } from './settings.ts';

declare module './log-fields.ts' {
  interface RequestLogFields {
    /** Why an access token was refused; nothing of the token. */
    tokenRefused?: string;
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What an access token must allow; without it, the route is open to everybody. */
    scope?: string;
  }
  interface FastifyRequest {
    /** Identifies the caller, the same at every call; `undefined` without authentication. */
    caller: string | undefined;
    /** When their access token expires, in epoch milliseconds. */
    callerUntil: number | undefined;
    /** Why the request will be refused, once the rate limit has counted it. */
    refusal: Problem | undefined;
  }
}

const unauthorised = { slug: 'unauthorised', status: 401, title: 'Unauthorised' };
const forbidden = { slug: 'forbidden', status: 403, title: 'Forbidden' };
const keysUnavailable = {
  slug: 'authentication-unavailable',
  status: 503,
  title: 'Authentication is unavailable',
};

/**
 * Requires an access token on every route that declares a scope: an OAuth 2 bearer token in the
 * `Authorization` header (RFC 6750) that allows the scope. A refused request's body is not read.
 *
 * The caller is identified in `onRequest` and refused in `preParsing`. The rate limit runs in
 * between, so it counts both accepted and refused callers.
 */
export function registerAuthentication(
  app: FastifyInstance,
  settings: AuthenticationSettings | undefined,
): void {
  app.decorateRequest('caller', undefined);
  app.decorateRequest('callerUntil', undefined);
  app.decorateRequest('refusal', undefined);
  if (settings === undefined) return;
  const keys = createKeySet(settings, (error) =>
    app.log.warn({ err: error }, "the issuer's keys cannot be fetched"),
  );
  const verify = createTokenVerifier(settings, keys);

  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    try {
      const token = await verify(bearerToken(request));
      request.caller = token.caller;
      request.callerUntil = token.expiresAt;
      if (!allows(token, scope, settings.scopePrefix)) {
        request.refusal = insufficientScopeProblem(`${settings.scopePrefix ?? ''}${scope}`);
      }
    } catch (error) {
      request.refusal = refusalOf(request, error);
    }
  });
  app.addHook('preParsing', (request, _reply, _payload, done) => done(request.refusal));
}

/** Whether the request's route is for callers with an access token, where tokens are required. */
export function isProtected(request: FastifyRequest): boolean {
  return request.routeOptions.config.scope !== undefined;
}

/** @throws {Problem} there is none */
function bearerToken(request: FastifyRequest): string {
  const [, scheme, token] = /^(\S+) +(\S.*)$/.exec(request.headers.authorization ?? '') ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) throw noTokenProblem();
  if (/^bearer\s/i.test(token)) throw repeatedSchemeProblem();
  return token;
}

/**
 * Amazon Cognito writes the resource server before each of its scopes, `https://api.example.com/`
 * for one. Where no prefix is set, any resource server's will do: the audience has been checked,
 * and only the issuer's operators give scopes to its clients.
 */
function allows({ scopes }: AccessToken, scope: string, prefix: string | undefined): boolean {
  if (prefix !== undefined) return scopes.includes(`${prefix}${scope}`);
  return scopes.some((each) => each === scope || each.endsWith(`/${scope}`));
}

function refusalOf(request: FastifyRequest, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidToken) {
    addLogFields(request, { tokenRefused: error.reason });
    return refusal('The access token was refused.', 'realm="api", error="invalid_token"');
  }
  if (error instanceof KeysUnavailable) {
    return keysUnavailableProblem();
  }
  throw error;
}

export function keysUnavailableProblem(): Problem {
  return new Problem(keysUnavailable, 'Access tokens cannot be checked now. Try again later.', {
    headers: { 'retry-after': '5' },
  });
}

export function noTokenProblem(): Problem {
  // Without an error code, as nothing was wrong yet (RFC 6750, 3.1).
  return refusal('Send an access token, as in Authorization: Bearer <token>.', 'realm="api"');
}

/** For a token that was pasted with its scheme where the scheme is put before it. */
function repeatedSchemeProblem(): Problem {
  return refusal(
    'The Authorization header says Bearer twice. Send the scheme once: Authorization: Bearer <token>.',
    'realm="api", error="invalid_token"',
  );
}

function refusal(detail: string, challenge: string): Problem {
  return new Problem(unauthorised, detail, {
    headers: { 'www-authenticate': `Bearer ${challenge}` },
  });
}

export function insufficientScopeProblem(scope: string): Problem {
  return new Problem(forbidden, 'The access token does not allow this.', {
    headers: {
      'www-authenticate': `Bearer realm="api", error="insufficient_scope", scope="${scope}"`,
    },
  });
}
