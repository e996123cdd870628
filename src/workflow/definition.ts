import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

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

const file = new URL('../../config/user-onboarding.asl.yaml', import.meta.url);

/**
 * The definition of the workflow, with its placeholders. Each expression is one line, since the tools
 * that check Amazon States Language take `{% … %}` to be one.
 */
export function readDefinition(): Workflow {
  return parse(readFileSync(file, 'utf8'), (_member, value) =>
    typeof value === 'string' ? value.replaceAll(/\s*\n\s*/g, ' ') : value,
  );
}

/**
 * The definition as JSON text, each `${Name}` in its strings replaced.
 *
 * @param values by name: `Partition`, and what the entries of `resources.ts` stand for
 * @throws where a placeholder has no value
 */
export function fillIn(definition: Workflow, values: ReadonlyMap<string, string>): string {
  return JSON.stringify(definition, (_member, value) =>
    typeof value === 'string'
      ? value.replaceAll(/\$\{(\w+)\}/g, (placeholder, name) => {
          const filledIn = values.get(name);
          if (filledIn !== undefined) return filledIn;
          throw new Error(
            `The workflow has the placeholder ${placeholder}, but src/workflow/resources.ts has no entry ${name}.`,
          );
        })
      : value,
  );
}
