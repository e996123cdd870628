import { registerHooks } from 'node:module';

// Imported before the main module of the service, which then uses the unchanged client of the SDK.
const noFastClient = new URL('../../step-functions/fast-client/no-fast-client.ts', import.meta.url)
  .href;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(
      specifier.endsWith('/fast-client/fast-client.ts') ? noFastClient : specifier,
      context,
    ),
});
