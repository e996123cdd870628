import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Caches the modules that Node compiles from now on under `node_modules/.cache`, or in the directory
 * that `NODE_COMPILE_CACHE` names, so that later starts are faster.
 */
export function keepCompiledCode(): void {
  enableCompileCache(
    fileURLToPath(new URL('../../node_modules/.cache/node-compile-cache', import.meta.url)),
  );
}
