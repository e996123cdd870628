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
  /** The default as the variable's own text, where it has one. */
  readonly defaultText: string | undefined;
  /** What applies when the variable is not set, where that is no value of its own. */
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

/** The table of settings in config/README.md. */
function settingsTable(): string {
  const rows = variables.map(({ name, description, isRequired, defaultText, unset }) => {
    const otherwise = defaultText === undefined ? (unset ?? 'none') : `\`${defaultText}\``;
    return `| \`${name}\` | ${description} | ${isRequired ? 'required' : otherwise} |\n`;
  });
  return `| variable | meaning | default |\n| --- | --- | --- |\n${rows.join('')}`;
}

/** All of `.env.example`. */
function exampleEnvironment(): string {
  const paragraphs = variables.map(
    ({ name, expected, description, isRequired, defaultText = '', unset }) => `
# ${description}.${unset === undefined ? '' : ` Default: ${unset}.`}
# Expected: ${expected}.
${isRequired ? '' : '# '}${name}=${defaultText}
`,
  );
  return `# The settings of \`npm start\`: copy this file to \`.env\`, or set the variables in the environment,
# which takes precedence. What is commented out shows its default.
${paragraphs.join('')}`;
}

const tableInReadme = /(?<=^## Settings\n\n)(?:\|.*\n)+/m;

/**
 * The files that repeat the settings' schema, with their texts as they should be.
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
