import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';

/** The members of an Amazon States Language definition that are used here. */
export interface Workflow {
  readonly States: Readonly<Record<string, State>>;
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Next?: string;
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  /** For a Choice state. */
  readonly Choices?: readonly { readonly Next: string }[];
  /** For a Choice state. */
  readonly Default?: string;
  /** For a Parallel state. */
  readonly Branches?: readonly Workflow[];
  /** For a Map state. */
  readonly ItemProcessor?: Workflow;
}

const path = 'config/user-onboarding.asl.yaml';

/** The definition or `resources.ts` is invalid. The message is for the developer who edits them. */
export class InvalidWorkflow extends Error {
  override readonly name = 'InvalidWorkflow';
}

/**
 * Reads the definition of the workflow, with its placeholders.
 *
 * @throws {InvalidWorkflow} the file is not YAML
 */
export function readDefinition(): Workflow {
  return parseDefinition(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
}

/**
 * Parses a definition. Joins the lines of each `{% … %}` expression, because validators expect it on
 * a single line.
 *
 * @throws {InvalidWorkflow} the text is not YAML
 */
export function parseDefinition(yaml: string): Workflow {
  try {
    return parse(yaml, (_member, value) =>
      typeof value === 'string' && value.startsWith('{%')
        ? value.replaceAll(/\s*\n\s*/g, ' ')
        : value,
    );
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new InvalidWorkflow(`${path}: ${error.message}`);
  }
}

/**
 * Returns the definition as JSON text, with a value for each `${Name}` in its strings.
 *
 * @param values the values by name: `Partition`, and the names of the entries in `resources.ts`
 * @throws {InvalidWorkflow} a placeholder has no value
 */
export function fillIn(definition: Workflow, values: ReadonlyMap<string, string>): string {
  return JSON.stringify(definition, (_member, value) =>
    typeof value === 'string'
      ? value.replaceAll(/\$\{(\w+)\}/g, (placeholder, name) => {
          const filledIn = values.get(name);
          if (filledIn !== undefined) return filledIn;
          throw new InvalidWorkflow(
            `${path} has the placeholder ${placeholder}, but src/workflow/resources.ts has no entry ${name}.`,
          );
        })
      : value,
  );
}
