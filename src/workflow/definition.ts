import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';

/** The members of Amazon States Language that are looked at here; a definition has many more. */
export interface Workflow {
  readonly States: Readonly<Record<string, State>>;
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  /** Of a Parallel state. */
  readonly Branches?: readonly Workflow[];
  /** Of a Map state. */
  readonly ItemProcessor?: Workflow;
}

const path = 'config/user-onboarding.asl.yaml';

/** What is wrong in the definition or in `resources.ts`. The message is for whoever edits them. */
export class InvalidWorkflow extends Error {
  override readonly name = 'InvalidWorkflow';
}

/**
 * The definition of the workflow, with its placeholders.
 *
 * @throws {InvalidWorkflow} the file is not YAML
 */
export function readDefinition(): Workflow {
  return parseDefinition(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
}

/** Each expression becomes one line: the tools that check definitions take `{% … %}` to be one. */
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
 * The definition as JSON text, each `${Name}` in its strings replaced.
 *
 * @param values by name: `Partition`, and what the entries of `resources.ts` stand for
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
