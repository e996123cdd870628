import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedDocuments } from '../../src/documentation/generated-documents.ts';
import { replaceTable } from '../../src/documentation/replace.ts';

const documents = generatedDocuments().map(({ file, text }) => ({
  path: file.pathname.replace(new URL('../../', import.meta.url).pathname, ''),
  file,
  text,
}));

test.each(documents)(
  '$path has the generated parts as they are now (npm run docs writes them)',
  ({ file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('the documents with generated parts are among those that are written', () => {
  expect(documents.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      '.env.example',
      'README.md',
      'config/README.md',
      'src/deploy/README.md',
      'src/onboarding/README.md',
    ]),
  );
});

test('an error names the table that a document lacks', () => {
  expect(() => replaceTable('## Settings\n\nNo table.\n', '## Settings', '')).toThrow(
    'The document has no table below "## Settings".',
  );
});
