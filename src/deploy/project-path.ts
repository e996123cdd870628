import { fileURLToPath } from 'node:url';

/** The absolute path of something in this project, by its path from the project's root. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}
