import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { projectPath } from '../project-path.ts';

/** CommonJS packages use these variables, which an ES module lacks. */
const commonJs = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;
`;

/**
 * Writes the bundled service and its static files to a folder. The main module is `index.js`. It is
 * the same program as `npm start`, with tracing included.
 */
export function bundleService(folder: string): void {
  buildSync({
    absWorkingDir: projectPath(''),
    entryPoints: ['src/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // index.js imports this module, so `import.meta.main` would be false.
    define: { 'import.meta.main': 'true' },
    banner: { js: commonJs },
    outfile: join(folder, 'service', 'index.js'),
    logLevel: 'warning',
  });
  // Swagger UI expects these files next to the folder of its code.
  cpSync(projectPath('node_modules/@fastify/swagger-ui/static'), join(folder, 'static'), {
    recursive: true,
  });
  writeFileSync(join(folder, 'index.js'), "import './service/index.js';\n");
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
}
