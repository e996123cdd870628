import type { SFNClient } from '@aws-sdk/client-sfn';
import { retryMiddleware, retryMiddlewareOptions } from '@smithy/core/retry';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import { type RetryStrategy, type RetryStrategyV2, SMITHY_CONTEXT_KEY } from '@smithy/types';
import { handSignal } from './call-signal.ts';
import { LeanSigner } from './lean-signer.ts';

/**
 * Spares a client what the SDK works out anew at every call, with the same result each time. A
 * call says the same as before, less what Step Functions has no use for: the body's hash, the id and
 * number of the attempt, and the SDK's features in the user agent with its second copy.
 */
export function makeLean(client: SFNClient): void {
  signLean(client);
  keepUserAgent(client);
  // For functions on Lambda that call one another in circles, and for a logger that there is not.
  client.middlewareStack.remove('recursionDetectionMiddleware');
  client.middlewareStack.remove('loggerMiddleware');
  retryOnlyFailures(client);
  flattenConfig(client);
}

function signLean({ config }: SFNClient): void {
  const signer = new LeanSigner(config.credentials, config.region);
  config.signer = async () => signer;
}

/**
 * The SDK's retries, which here begin once an attempt has failed. They prepare for that before
 * every call, above all with a random id to send, which takes as long as the signature.
 */
function retryOnlyFailures({ config, middlewareStack }: SFNClient): void {
  const retrying = retryMiddleware(config);
  let strategy: ReturnType<typeof config.retryStrategy> | undefined;
  middlewareStack.add(
    (next, context) => async (args) => {
      const abortSignal = handSignal(args.input, args.request);
      let result: Awaited<ReturnType<typeof next>>;
      try {
        result = await next(args);
      } catch (error) {
        const smithyContext = { ...context[SMITHY_CONTEXT_KEY], abortSignal };
        const goOn = retrying(afterFailure(error, next), {
          ...context,
          [SMITHY_CONTEXT_KEY]: smithyContext,
        });
        return goOn(args);
      }
      strategy ??= config.retryStrategy();
      giveBack(await strategy);
      return result;
    },
    { ...retryMiddlewareOptions, override: true },
  );
}

/** The handler for all attempts but the first, which has been made and failed with `error`. */
function afterFailure<Args, Result>(error: unknown, next: (args: Args) => Promise<Result>) {
  let isFirst = true;
  return async (args: Args): Promise<Result> => {
    if (!isFirst) return next(args);
    isFirst = false;
    throw error;
  };
}

const firstAttempt = {
  getRetryCount: () => 0,
  getRetryDelay: () => 0,
  getRetryCost: () => undefined,
};

/** Retries are paid for from a quota of the client's, which every call that succeeds refills a bit. */
function giveBack(strategy: RetryStrategy | RetryStrategyV2): void {
  if ('recordSuccess' in strategy) strategy.recordSuccess(firstAttempt);
}

/**
 * The SDK spreads its configuration three times a call. V8 holds that object as a dictionary, which
 * takes 9 µs to spread; its copy is a plain object, and takes 0.1.
 */
function flattenConfig(client: SFNClient): void {
  const config = { ...client.config };
  client.middlewareStack.use(getSchemaSerdePlugin(config));
  // What a command adds of its own, the resolution of the endpoint, takes it from here.
  Object.assign(client, { config });
}

function keepUserAgent({ config, middlewareStack }: SFNClient): void {
  let userAgent: Promise<string> | undefined;
  middlewareStack.remove('getUserAgentMiddleware');
  middlewareStack.add(
    (next) => async (args) => {
      userAgent ??= config.defaultUserAgentProvider().then(userAgentText);
      const { request } = args;
      if (isHttpRequest(request)) request.headers['user-agent'] = await userAgent;
      return next(args);
    },
    { step: 'build', name: 'keepUserAgent' },
  );
}

function userAgentText(sections: readonly (readonly (string | undefined)[])[]): string {
  return sections
    .map(([name = '', version]) => {
      // As the SDK writes it: `lang/js`, `os/linux#6.1`, `api/sfn#3.1162.0`.
      const written = name.startsWith('api/') ? name.toLowerCase() : name;
      return version === undefined
        ? written
        : `${written}${name.includes('/') ? '#' : '/'}${version}`;
    })
    .join(' ');
}

function isHttpRequest(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
