import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onboardingRequestSchema } from '../onboarding/request.ts';
import { readDefinition } from '../workflow/definition.ts';
import { withCompleteRequests } from './complete-requests.ts';
import { withRequestTable } from './request-table.ts';
import { exampleEnvironment, withSettingsTable } from './settings.ts';
import { withWorkflowPicture } from './workflow-picture.ts';

const root = new URL('../../', import.meta.url);

/** The generated parts of documents, by path. */
const parts: Readonly<Record<string, (text: string) => string>> = {
  'README.md': (text) => withWorkflowPicture(text, readDefinition()),
  'config/README.md': withSettingsTable,
  'src/onboarding/README.md': (text) => withRequestTable(text, onboardingRequestSchema),
};

/**
 * Returns the files that are generated, or partly, with their texts.
 *
 * @throws {Error} a document lacks a part to replace
 */
export function generatedDocuments(): { readonly file: URL; readonly text: string }[] {
  const paths = globSync(['*.md', '{config,src,test}/**/*.md'], { cwd: fileURLToPath(root) });
  const documents = paths.map((path) => {
    const file = new URL(path, root);
    const text = withCompleteRequests(readFileSync(file, 'utf8'), onboardingRequestSchema);
    return { file, text: parts[path]?.(text) ?? text };
  });
  return [...documents, { file: new URL('.env.example', root), text: exampleEnvironment() }];
}
