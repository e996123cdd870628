import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addLogFields } from '../log-fields.ts';
import { Problem } from '../problem-details/problem.ts';
import type { AuthenticationSettings } from '../settings.ts';
import type { AccessToken } from './access-token.ts';
import { InvalidToken, KeysUnavailable } from './token-errors.ts';

declare module '../log-fields.ts' {
  interface RequestLogFields {
    /** Why an access token was refused. Contains no part of the token. */
    tokenRefused?: string;
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that an access token must have. Routes without a scope are public. */
    scope?: string;
  }
  interface FastifyRequest {
    /** Identifies the caller across requests; `undefined` without authentication. */
    caller: string | undefined;
    /** When the caller's access token expires, in epoch milliseconds. */
    tokenExpiresAt: number | undefined;
    /** Why the request is refused, after the rate limit has counted it. */
    refusal: Problem | undefined;
  }
}

const unauthorised = { slug: 'unauthorised', status: 401, title: 'Unauthorised' };
const forbidden = { slug: 'forbidden', status: 403, title: 'Forbidden' };

/**
 * Requires an access token on every route that declares a scope: an OAuth 2 bearer token in the
 * `Authorization` header (RFC 6750) that has the scope. The body of a refused request is not read.
 *
 * `onRequest` verifies the token and `preParsing` refuses the request. The rate limit runs in
 * between, so it counts refused requests too.
 */
export async function registerAuthentication(
  app: FastifyInstance,
  settings: AuthenticationSettings | undefined,
): Promise<void> {
  app.decorateRequest('caller', undefined);
  app.decorateRequest('tokenExpiresAt', undefined);
  app.decorateRequest('refusal', undefined);
  if (settings === undefined) return;
  // Loaded on demand, so that a start without authentication does not wait for jose.
  const [{ createKeySet }, { createTokenVerifier }] = await Promise.all([
    import('./key-set.ts'),
    import('./access-token.ts'),
  ]);
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
      request.tokenExpiresAt = token.expiresAt;
      if (!hasScope(token, scope, settings.scopePrefix)) {
        request.refusal = insufficientScopeProblem(`${settings.scopePrefix ?? ''}${scope}`);
      }
    } catch (error) {
      request.refusal = refusalOf(request, error);
    }
  });
  app.addHook('preParsing', (request, _reply, _payload, done) => done(request.refusal));
}

/** Whether the request's route needs an access token when authentication is configured. */
export function isProtected(request: FastifyRequest): boolean {
  return request.routeOptions.config.scope !== undefined;
}

/** @throws {Problem} the request has no bearer token */
function bearerToken(request: FastifyRequest): string {
  const [, scheme, token] = /^(\S+) +(\S.*)$/.exec(request.headers.authorization ?? '') ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) throw noTokenProblem();
  if (/^bearer\s/i.test(token)) throw repeatedSchemeProblem();
  return token;
}

/**
 * Amazon Cognito prefixes each scope with its resource server, for example
 * `https://api.example.com/`. Without a configured prefix, any resource server is accepted: the
 * audience has been checked, and only the issuer's operators can grant scopes to clients.
 */
function hasScope({ scopes }: AccessToken, scope: string, prefix: string | undefined): boolean {
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
  return new Problem(
    { slug: 'authentication-unavailable', status: 503, title: 'Authentication is unavailable' },
    'Access tokens cannot be verified now. Try again later.',
    {
      headers: { 'retry-after': '5' },
    },
  );
}

export function noTokenProblem(): Problem {
  // No error code: the request carried no credentials (RFC 6750, 3.1).
  return refusal('Send an access token, as in Authorization: Bearer <token>.', 'realm="api"');
}

/** For `Bearer Bearer <token>`: tools such as Swagger UI add the scheme to a pasted token. */
function repeatedSchemeProblem(): Problem {
  return refusal(
    'The Authorization header contains Bearer twice. Send it once: Authorization: Bearer <token>.',
    'realm="api", error="invalid_token"',
  );
}

function refusal(detail: string, challenge: string): Problem {
  return new Problem(unauthorised, detail, {
    headers: { 'www-authenticate': `Bearer ${challenge}` },
  });
}

export function insufficientScopeProblem(scope: string): Problem {
  return new Problem(forbidden, 'The access token lacks the scope that this route requires.', {
    headers: {
      'www-authenticate': `Bearer realm="api", error="insufficient_scope", scope="${scope}"`,
    },
  });
}
