import { registerHooks } from 'node:module';

// To be imported before the service's own main module: it then runs on the SDK's client as it is.
const standIn = new URL('../../step-functions/fast-client/no-fast-client.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier.endsWith('/fast-client/fast-client.ts') ? standIn : specifier, context),
});
