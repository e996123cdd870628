import { isIP } from 'node:net';
import { z } from 'zod';
import { decimal, list, whole } from '../variables.ts';
import {
  isLoopback,
  type ListenAddress,
  listenAddress,
  listenVariables,
} from './listen-address.ts';

/** Who may call, by OAuth 2 access tokens. */
export interface AuthenticationSettings {
  /** Exactly as tokens have it in `iss`. */
  readonly issuer: string;
  /** Values of `aud`, or client ids of Amazon Cognito, any one of which a token must have. */
  readonly audiences: readonly string[];
  /** Where the issuer's keys are; by default the issuer's discovery document says it. */
  readonly jwksUrl: string | undefined;
  /** What precedes the name of a scope; any resource server's where it is left open. */
  readonly scopePrefix: string | undefined;
  /** The claim that has the scopes, instead of `scope` and `scp`. */
  readonly scopeClaim: string | undefined;
}

/** The settings that any HTTP service needs. */
export interface HttpSettings extends ListenAddress {
  /** Where callers reach the service, without a slash at its end; `undefined`: at its root. */
  readonly publicUrl: string | undefined;
  /** `undefined`: everybody may call. */
  readonly authentication: AuthenticationSettings | undefined;
  /** Requests that one caller may make in a minute; `undefined`: any number. */
  readonly rateLimitPerMinute: number | undefined;
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly docs: z.infer<typeof openOrOff>;
  readonly openApi: z.infer<typeof openOrOff>;
  /** Where the OpenAPI document points to for more, if anywhere. Not a variable of the environment. */
  readonly externalDocs?: { readonly url: string; readonly description: string } | undefined;
  readonly metrics: z.infer<typeof metrics>;
  /** Longest time for a request to arrive, its body included. */
  readonly requestTimeoutSeconds: number;
  /** How long a connection may idle between requests. */
  readonly keepAliveSeconds: number;
  /** Requests are turned away while the event loop is later than this; 0: never. */
  readonly maxEventLoopDelayMilliseconds: number;
}

const openOrOff = z.enum(['open', 'off']);
const metrics = z.enum(['open', 'authenticated', 'off']);

/** Keys and tokens are only worth something where nobody on the way can change them. */
export const trustworthyUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url !== null && isLoopback(url.hostname));
});

const publicUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/[?#@]/.test(text))
  .transform((text) => text.replace(/\/+$/, ''));

const origin = z.string().refine((text) => URL.parse(text)?.origin === text);

// The words are proxy-addr's, which Fastify reads this list with.
const proxy = z.string().refine((text) => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  // Nor does it take a range of all addresses.
  return bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128));
});

/** The variables of {@link HttpSettings}; see `environmentSchema` for how they are described. */
export const httpVariables = {
  ...listenVariables,
  PUBLIC_URL: publicUrl.optional().meta({
    title: 'an http or https URL without a query, like https://api.example.com/users',
    description:
      'Where callers reach the service, with the path prefix of a proxy in front. For `Location`, problem types and the OpenAPI document. Default: the root of any host',
  }),
  AUTH: z.literal('none').optional().meta({
    title: 'none, or nothing',
    description: '`none` lets everybody call, from wherever HOST can be reached',
  }),
  AUTH_ISSUER: z.string().optional().meta({
    title: 'an https URL, or http on loopback; with AUTH_JWKS_URL, any name',
    description: "Issuer of callers' OAuth 2 access tokens, exactly as in their `iss`",
  }),
  AUTH_AUDIENCE: list(z.string().min(1)).optional().meta({
    title: 'an audience, or several with commas between them',
    description: '`aud` of access tokens; for Amazon Cognito, the ids of the app clients',
  }),
  AUTH_JWKS_URL: trustworthyUrl.optional().meta({
    title: 'an https URL, or http on loopback',
    description: "Where the issuer's keys are",
    unset: "what the issuer's `/.well-known/openid-configuration` says",
  }),
  // The characters of a scope (RFC 6749, 3.3).
  AUTH_SCOPE_PREFIX: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
    .optional()
    .meta({
      title: 'what precedes a scope, like https://api.example.com/',
      description: 'What precedes scopes, like `https://api.example.com/`',
      unset: 'nothing, or anything that ends with a slash',
    }),
  AUTH_SCOPE_CLAIM: z.string().optional().meta({
    title: 'the name of a claim, like permissions',
    description: 'The claim of access tokens that has the scopes, like `permissions` or `roles`',
    unset: '`scope` and `scp`',
  }),
  RATE_LIMIT_PER_MINUTE: whole(0, 10_000_000).optional().meta({
    title: 'a whole number from 0 to 10000000',
    description: 'Requests that one caller may make in a minute; 0: no limit',
    unset: '6000 where callers are authenticated, 0 elsewhere',
  }),
  TRUST_PROXY: list(proxy).default([]).meta({
    title: 'addresses or CIDR ranges with commas between them',
    description: 'Proxies whose `X-Forwarded-For` is trusted, like `10.0.0.0/16`',
  }),
  CORS_ORIGINS: list(origin).default([]).meta({
    title: 'origins with commas between them, like https://app.example.com',
    description: 'Origins whose pages may call, like `https://app.example.com`',
  }),
  DOCS: openOrOff.default('open').meta({
    title: `one of ${openOrOff.options.join(', ')}`,
    description: 'Swagger UI at `/docs`: `open` or `off`',
  }),
  OPENAPI: openOrOff.default('open').meta({
    title: `one of ${openOrOff.options.join(', ')}`,
    description: '`/openapi.json`: `open` or `off`, and with it `/docs`',
  }),
  METRICS: metrics.default('authenticated').meta({
    title: `one of ${metrics.options.join(', ')}`,
    description:
      '`/metrics`: `open`, `authenticated` (needs a scope of its own, where callers are authenticated) or `off`',
  }),
  REQUEST_TIMEOUT_SECONDS: decimal(0.1, 300).default(30).meta({
    title: 'a number of seconds from 0.1 to 300',
    description: 'Longest time for a request to arrive; a third of it for its headers',
  }),
  KEEP_ALIVE_SECONDS: decimal(1, 3600).default(72).meta({
    title: 'a number of seconds from 1 to 3600',
    description:
      'How long a connection may idle between requests. Longer than the idle timeout of a load balancer in front',
  }),
  MAX_EVENT_LOOP_DELAY_MILLISECONDS: decimal(0, 60_000).default(2000).meta({
    title: 'a number of milliseconds from 0 to 60000',
    description: 'Requests are refused while the event loop lags by more than this; 0: never',
  }),
};

type HttpVariables = z.infer<z.ZodObject<typeof httpVariables>>;

/** A line for each variable that contradicts another one. */
export function httpDisagreements(variables: HttpVariables): string[] {
  const { AUTH, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = variables;
  const { AUTH_SCOPE_PREFIX, AUTH_SCOPE_CLAIM } = variables;
  const details = { AUTH_AUDIENCE, AUTH_JWKS_URL, AUTH_SCOPE_PREFIX, AUTH_SCOPE_CLAIM };
  if (AUTH === 'none') {
    return Object.entries({ AUTH_ISSUER, ...details }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} contradicts AUTH=none: expected only one of them`],
    );
  }
  if (AUTH_ISSUER === undefined) {
    const idle = Object.entries(details).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} is of no use without AUTH_ISSUER: expected both`],
    );
    if (idle.length > 0 || isLoopback(listenAddress(variables).host)) return idle;
    return [
      'HOST is not loopback, and callers are not authenticated: expected AUTH_ISSUER and AUTH_AUDIENCE, or AUTH=none to let everybody call',
    ];
  }
  if (AUTH_AUDIENCE === undefined) {
    return ['AUTH_AUDIENCE is missing: expected the audience of the tokens of AUTH_ISSUER'];
  }
  if (AUTH_JWKS_URL === undefined && !trustworthyUrl.safeParse(AUTH_ISSUER).success) {
    return [
      'AUTH_ISSUER is wrong: expected an https URL, or http on loopback; with AUTH_JWKS_URL, any name',
    ];
  }
  return [];
}

/** A line for each variable that does other than one may expect. */
export function httpWarnings({ AUTH, METRICS }: HttpVariables): string[] {
  return AUTH === 'none' && METRICS === 'authenticated'
    ? [
        'With AUTH=none, METRICS=authenticated leaves /metrics open to everybody. Set METRICS to open or off.',
      ]
    : [];
}

// A hundred a second: more than a caller's backend needs, and less than takes a process down.
const defaultRateLimitPerMinute = 6000;

/** The variables as settings; those without disagreements. */
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
  // Unauthenticated callers may all share the address of one gateway, so they are limited only
  // where a setting says so.
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
