import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { environmentSchema } from './settings.ts';

const metaSchema = z.strictObject({
  title: z.string(),
  description: z.string(),
  unset: z.string().optional(),
});

interface Variable {
  readonly name: string;
  readonly expected: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** The default value as text, if there is one. */
  readonly defaultText: string | undefined;
  /** What applies if the variable is not set and has no default value. */
  readonly unset: string | undefined;
}

const variables = Object.entries(environmentSchema.shape).map(([name, schema]): Variable => {
  const { title, description, unset } = metaSchema.parse(schema.meta());
  const { success, data } = schema.safeParse(undefined);
  const hasDefault = success && (typeof data === 'string' || typeof data === 'number');
  return {
    name,
    expected: title,
    description,
    isRequired: !success,
    defaultText: hasDefault ? String(data) : undefined,
    unset,
  };
});

/** Returns the table of settings in config/README.md. */
function settingsTable(): string {
  const rows = variables.map(({ name, description, isRequired, defaultText, unset }) => {
    const otherwise = defaultText === undefined ? (unset ?? 'none') : `\`${defaultText}\``;
    return `| \`${name}\` | ${description} | ${isRequired ? 'required' : otherwise} |\n`;
  });
  return `| variable | meaning | default |\n| --- | --- | --- |\n${rows.join('')}`;
}

/** Returns the text of `.env.example`. */
function exampleEnvironment(): string {
  const paragraphs = variables.map(
    ({ name, expected, description, isRequired, defaultText = '', unset }) => `
# ${description}.${unset === undefined ? '' : ` Default: ${unset}.`}
# Expected: ${expected}.
${isRequired ? '' : '# '}${name}=${defaultText}
`,
  );
  return `# Settings for \`npm start\`. Copy this file to \`.env\`, or set the variables in the environment, which
# takes precedence. Lines that are commented out show the defaults.
${paragraphs.join('')}`;
}

const tableInReadme = /(?<=^## Settings\n\n)(?:\|.*\n)+/m;

/**
 * Returns the files that are generated from the schema of the settings, with their texts.
 *
 * @throws {Error} config/README.md has no table below the heading "Settings"
 */
export function settingsDocumentation(): { readonly file: URL; readonly text: string }[] {
  const readme = new URL('../config/README.md', import.meta.url);
  const text = readFileSync(readme, 'utf8');
  if (!tableInReadme.test(text))
    throw new Error('config/README.md has no table below "## Settings".');
  return [
    { file: readme, text: text.replace(tableInReadme, settingsTable) },
    { file: new URL('../.env.example', import.meta.url), text: exampleEnvironment() },
  ];
}

if (import.meta.main) {
  for (const { file, text } of settingsDocumentation()) writeFileSync(file, text);
}
