import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { projectPath } from './project-path.ts';

/** Packages in CommonJS expect these, and an ES module has none of them. */
const commonJs = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;
`;

/**
 * Writes the service with all that it needs to run, `index.js` being its main module. It is the same
 * program as `npm start`, with tracing built in.
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
    // Whoever starts the service may import its main module instead of running it.
    define: { 'import.meta.main': 'true' },
    banner: { js: commonJs },
    outfile: join(folder, 'service', 'index.js'),
    logLevel: 'warning',
  });
  // Swagger UI looks for these beside the folder of its code.
  cpSync(projectPath('node_modules/@fastify/swagger-ui/static'), join(folder, 'static'), {
    recursive: true,
  });
  writeFileSync(join(folder, 'index.js'), "import './service/index.js';\n");
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
}
