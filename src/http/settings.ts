import { isIP } from 'node:net';
import { z } from 'zod';
import { decimal, list, whole } from '../variables.ts';
import {
  isLoopback,
  type ListenAddress,
  listenAddress,
  listenVariables,
} from './listen-address.ts';

/** Which OAuth 2 access tokens are accepted. */
export interface AuthenticationSettings {
  /** Exactly as in the `iss` of tokens. */
  readonly issuer: string;
  /** Accepted values of `aud`, or client ids of Amazon Cognito. A token needs one of them. */
  readonly audiences: readonly string[];
  /** URL of the issuer's keys; `undefined`: the URL in the issuer's discovery document. */
  readonly jwksUrl: string | undefined;
  /** Prefix of scopes; `undefined`: none, or any prefix that ends with a slash. */
  readonly scopePrefix: string | undefined;
  /** The claim that contains the scopes; `undefined`: `scope` and `scp`. */
  readonly scopeClaim: string | undefined;
}

/** The settings of the HTTP layer, which any HTTP service needs. */
export interface HttpSettings extends ListenAddress {
  /** The URL at which callers reach the service, without a trailing slash; `undefined`: the root. */
  readonly publicUrl: string | undefined;
  /** `undefined`: no authentication. */
  readonly authentication: AuthenticationSettings | undefined;
  /** Requests that one caller may make in a minute; `undefined`: no limit. */
  readonly rateLimitPerMinute: number | undefined;
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly docs: z.infer<typeof openOrOff>;
  readonly openApi: z.infer<typeof openOrOff>;
  /** `externalDocs` of the OpenAPI document. Not an environment variable. */
  readonly externalDocs?: { readonly url: string; readonly description: string } | undefined;
  readonly metrics: z.infer<typeof metrics>;
  /** How long a request may take to arrive, its body included. */
  readonly requestTimeoutSeconds: number;
  /** How long a connection may idle between requests. */
  readonly keepAliveSeconds: number;
  /** Requests are refused while the event loop lags by more than this; 0: never. */
  readonly maxEventLoopDelayMilliseconds: number;
}

const openOrOff = z.enum(['open', 'off']);
const metrics = z.enum(['open', 'authenticated', 'off']);

/** https, or http on loopback: nobody in between can replace the issuer's keys. */
export const secureUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url !== null && isLoopback(url.hostname));
});

const publicUrl = z
  // Normalised to ASCII, since `Location` starts with it.
  .url({ protocol: /^https?$/, normalize: true })
  .refine((text) => !/[?#@]/.test(text))
  .transform((text) => text.replace(/\/+$/, ''));

const origin = z.string().refine((text) => URL.parse(text)?.origin === text);

// proxy-addr, which evaluates this list, defines these names.
const proxy = z.string().refine((text) => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  // proxy-addr refuses a prefix of 0 bits.
  return bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128));
});

/** The environment variables of {@link HttpSettings}. `environmentSchema` explains the metadata. */
export const httpVariables = {
  ...listenVariables,
  PUBLIC_URL: publicUrl.optional().meta({
    title: 'an http or https URL without a query, like https://api.example.com/users',
    description:
      'URL at which callers reach the service, including the path prefix of a proxy. Used in `Location`, problem types and the OpenAPI document. Without it, links work at the root of any host',
  }),
  AUTH: z.literal('none').optional().meta({
    title: 'none, or nothing',
    description: '`none` turns authentication off: everybody who can reach HOST may call',
  }),
  AUTH_ISSUER: z.string().optional().meta({
    title: 'an https URL, or http on loopback; with AUTH_JWKS_URL, any name',
    description: 'Issuer of OAuth 2 access tokens, exactly as in their `iss`',
  }),
  AUTH_AUDIENCE: list(z.string().min(1)).optional().meta({
    title: 'an audience, or several separated by commas',
    description: '`aud` of access tokens; for Amazon Cognito, the ids of the app clients',
  }),
  AUTH_JWKS_URL: secureUrl.optional().meta({
    title: 'an https URL, or http on loopback',
    description: "URL of the issuer's keys",
    unset: "the URL in the issuer's `/.well-known/openid-configuration`",
  }),
  // The characters of a scope (RFC 6749, 3.3).
  AUTH_SCOPE_PREFIX: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
    .optional()
    .meta({
      title: 'a prefix of scopes, like https://api.example.com/',
      description: 'Prefix of scopes, like `https://api.example.com/`',
      unset: 'scopes with no prefix, or with any that ends with a slash',
    }),
  AUTH_SCOPE_CLAIM: z.string().optional().meta({
    title: 'the name of a claim, like permissions',
    description:
      'The claim of access tokens that contains the scopes, like `permissions` or `roles`',
    unset: '`scope` and `scp`',
  }),
  RATE_LIMIT_PER_MINUTE: whole(0, 10_000_000).optional().meta({
    title: 'a whole number from 0 to 10000000',
    description: 'Requests that one caller may make in a minute; 0: no limit',
    unset: '6000 with authentication, 0 without',
  }),
  TRUST_PROXY: list(proxy).default([]).meta({
    title: 'addresses or CIDR ranges separated by commas',
    description: 'Proxies whose `X-Forwarded-For` is trusted, like `10.0.0.0/16`',
  }),
  CORS_ORIGINS: list(origin).default([]).meta({
    title: 'origins separated by commas, like https://app.example.com',
    description: 'Origins whose pages may call (CORS), like `https://app.example.com`',
  }),
  DOCS: openOrOff.default('open').meta({
    title: `one of ${openOrOff.options.join(', ')}`,
    description: 'Swagger UI at `/docs`: `open` or `off`',
  }),
  OPENAPI: openOrOff.default('open').meta({
    title: `one of ${openOrOff.options.join(', ')}`,
    description: '`/openapi.json`: `open` or `off`, which turns `/docs` off too',
  }),
  METRICS: metrics.default('authenticated').meta({
    title: `one of ${metrics.options.join(', ')}`,
    description:
      '`/metrics`: `open`, `authenticated` (requires its own scope, if authentication is on) or `off`',
  }),
  REQUEST_TIMEOUT_SECONDS: decimal(0.1, 300).default(30).meta({
    title: 'a number of seconds from 0.1 to 300',
    description:
      'How long a request may take to arrive; its headers may take a third of that. A client that reads nothing of its response for this long is disconnected',
  }),
  KEEP_ALIVE_SECONDS: decimal(1, 3600).default(72).meta({
    title: 'a number of seconds from 1 to 3600',
    description:
      'How long a connection may idle between requests. Set it longer than the idle timeout of a load balancer in front',
  }),
  MAX_EVENT_LOOP_DELAY_MILLISECONDS: decimal(0, 60_000).default(2000).meta({
    title: 'a number of milliseconds from 0 to 60000',
    description: 'Requests are refused while the event loop lags by more than this; 0: never',
  }),
};

type HttpVariables = z.infer<z.ZodObject<typeof httpVariables>>;

/** Returns a line for each variable that conflicts with another one. */
export function httpConflicts(variables: HttpVariables): string[] {
  const { AUTH, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = variables;
  const { AUTH_SCOPE_PREFIX, AUTH_SCOPE_CLAIM } = variables;
  const details = { AUTH_AUDIENCE, AUTH_JWKS_URL, AUTH_SCOPE_PREFIX, AUTH_SCOPE_CLAIM };
  if (AUTH === 'none') {
    return Object.entries({ AUTH_ISSUER, ...details }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} contradicts AUTH=none: remove one of them`],
    );
  }
  if (AUTH_ISSUER === undefined) {
    const unused = Object.entries(details).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [`${name} has no effect without AUTH_ISSUER: set AUTH_ISSUER too, or remove ${name}`],
    );
    if (unused.length > 0 || isLoopback(listenAddress(variables).host)) return unused;
    return [
      'HOST is not loopback, and authentication is off: expected AUTH_ISSUER and AUTH_AUDIENCE, or AUTH=none to let everybody call',
    ];
  }
  if (AUTH_AUDIENCE === undefined) {
    return ['AUTH_AUDIENCE is missing: expected the audience of the tokens from AUTH_ISSUER'];
  }
  if (AUTH_JWKS_URL === undefined && !secureUrl.safeParse(AUTH_ISSUER).success) {
    return [
      'AUTH_ISSUER is wrong: expected an https URL, or http on loopback; with AUTH_JWKS_URL, any name',
    ];
  }
  return [];
}

/** Returns a warning for each variable whose effect may surprise. */
export function httpWarnings({ AUTH, METRICS }: HttpVariables): string[] {
  return AUTH === 'none' && METRICS === 'authenticated'
    ? [
        'With AUTH=none, METRICS=authenticated leaves /metrics open to everybody. Set METRICS to open or off.',
      ]
    : [];
}

// 100 per second: more than a caller's backend needs, less than what overloads a process.
const defaultRateLimitPerMinute = 6000;

/** Converts variables without conflicts to settings. */
export function httpSettings(variables: HttpVariables): HttpSettings {
  const { AUTH_ISSUER: issuer, RATE_LIMIT_PER_MINUTE: rateLimit } = variables;
  const authentication =
    issuer === undefined
      ? undefined
      : {
          issuer,
          audiences: variables.AUTH_AUDIENCE ?? [],
          jwksUrl: variables.AUTH_JWKS_URL,
          scopePrefix: variables.AUTH_SCOPE_PREFIX,
          scopeClaim: variables.AUTH_SCOPE_CLAIM,
        };
  // Unauthenticated callers may all share the address of one gateway, so they have no default limit.
  const rateLimitPerMinute = rateLimit ?? (authentication ? defaultRateLimitPerMinute : 0);
  return {
    ...listenAddress(variables),
    publicUrl: variables.PUBLIC_URL,
    authentication,
    rateLimitPerMinute: rateLimitPerMinute === 0 ? undefined : rateLimitPerMinute,
    trustedProxies: variables.TRUST_PROXY,
    corsOrigins: variables.CORS_ORIGINS,
    docs: variables.DOCS,
    openApi: variables.OPENAPI,
    metrics: variables.METRICS,
    requestTimeoutSeconds: variables.REQUEST_TIMEOUT_SECONDS,
    keepAliveSeconds: variables.KEEP_ALIVE_SECONDS,
    maxEventLoopDelayMilliseconds: variables.MAX_EVENT_LOOP_DELAY_MILLISECONDS,
  };
}
