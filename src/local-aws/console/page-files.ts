import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A file of the page, as it is sent to the browser. */
export interface PageFile {
  readonly contentType: string;
  readonly text: string;
}

const sources = fileURLToPath(new URL('../../', import.meta.url));
const page = 'local-aws/console/page/';
const packages = ['preact', 'preact/hooks'];

const importMap = JSON.stringify({
  imports: Object.fromEntries(packages.map((name) => [name, `/packages/${name}`])),
});

const hash = createHash('sha256').update(importMap).digest('base64');

/** The page loads nothing from other origins, and no text of an execution can run as a script. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${hash}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Returns the file at a URL path, or undefined. The types of TypeScript files are stripped here, so
 * the page needs no build step. The page may import its own folder and Preact.
 */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  if (path === '/') {
    const html = await readFile(`${sources}${page}index.html`, 'utf8');
    return {
      contentType: 'text/html',
      text: html.replace('<!-- import map -->', `<script type="importmap">${importMap}</script>`),
    };
  }
  const [, file, extension] = /^\/([a-z-]+\.(css|svg))$/.exec(path) ?? [];
  if (file !== undefined) {
    const text = await readText(`${page}${file}`);
    const contentType = extension === 'css' ? 'text/css' : 'image/svg+xml';
    return text === undefined ? undefined : { contentType, text };
  }
  const [, packageName = ''] = /^\/packages\/(.+)$/.exec(path) ?? [];
  if (packages.includes(packageName)) {
    const file = fileURLToPath(import.meta.resolve(packageName));
    return { contentType: 'text/javascript', text: await readFile(file, 'utf8') };
  }
  const [, module = ''] = /^\/src\/([\w/-]+\.ts)$/.exec(path) ?? [];
  if (!module.startsWith(page)) return undefined;
  const source = await readText(module);
  return source === undefined
    ? undefined
    : { contentType: 'text/javascript', text: stripTypeScriptTypes(source) };
}

/** Returns a file by its path below `src`, or undefined if there is none. */
function readText(path: string): Promise<string | undefined> {
  return readFile(`${sources}${path}`, 'utf8').catch(() => undefined);
}
