import { z } from 'zod';
import { environmentSchema } from '../settings.ts';
import { replaceTable } from './replace.ts';

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

function settingsTable(): string {
  const rows = variables.map(({ name, description, isRequired, defaultText, unset }) => {
    const otherwise = defaultText === undefined ? (unset ?? 'none') : `\`${defaultText}\``;
    return `| \`${name}\` | ${description} | ${isRequired ? 'required' : otherwise} |\n`;
  });
  return `| variable | meaning | default |\n| --- | --- | --- |\n${rows.join('')}`;
}

/** Returns the text of `.env.example`. */
export function exampleEnvironment(): string {
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

/** Returns the text of config/README.md with the table of settings. */
export function withSettingsTable(readme: string): string {
  return replaceTable(readme, '## Settings', settingsTable());
}
