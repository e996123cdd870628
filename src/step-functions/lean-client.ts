import type { SFNClient } from '@aws-sdk/client-sfn';
import { getSchemaSerdePlugin } from '@smithy/core/schema';

/**
 * Spares a client what the SDK works out anew at every call, with the same result each time. What
 * is sent stays the same, but for the SDK's features in the user agent, and its second copy.
 */
export function makeLean(client: SFNClient): void {
  keepSigner(client);
  keepUserAgent(client);
  // For functions on Lambda that call one another in circles, and for a logger that there is not.
  client.middlewareStack.remove('recursionDetectionMiddleware');
  client.middlewareStack.remove('loggerMiddleware');
  flattenConfig(client);
}

/** A client has one Region and one endpoint, so one signer will do; it asks for credentials itself. */
function keepSigner({ config }: SFNClient): void {
  const makeSigner = config.signer;
  let signer: ReturnType<typeof makeSigner> | undefined;
  config.signer = (authScheme) => {
    signer ??= makeSigner(authScheme);
    return signer;
  };
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
