import { fileURLToPath } from 'node:url';

/** Returns the absolute path of a file, given its path from the root of the project. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}
