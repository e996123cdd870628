import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Keeps what Node compiles under `node_modules`, or where `NODE_COMPILE_CACHE` says: a start that
 * finds all of it there takes two thirds of the time. Only what is imported afterwards is kept.
 */
export function keepCompiledCode(): void {
  enableCompileCache(
    fileURLToPath(new URL('../../node_modules/.cache/node-compile-cache', import.meta.url)),
  );
}
