import type { State, Workflow } from '../workflow/definition.ts';
import { replacePart } from './replace.ts';

const picture = /(?<=user-onboarding\.asl\.yaml\)[^`]*```mermaid\n)[^`]*/;

/** Returns the text of README.md with the picture of the workflow below the link to its definition. */
export function withWorkflowPicture(readme: string, workflow: Workflow): string {
  return replacePart(readme, 'picture of the workflow', picture, workflowPicture(workflow));
}

/** Returns the states of a workflow and their transitions as a flowchart in Mermaid. */
export function workflowPicture(workflow: Workflow): string {
  return `flowchart LR\n${linesOf(workflow, '  ').join('')}`;
}

function linesOf({ States }: Workflow, indent: string): string[] {
  const states = Object.entries(States);
  const reached = new Set(states.flatMap(([, state]) => [...transitionsOf(state).keys()]));
  return states.flatMap(([name, state]) => {
    const transitions = transitionsOf(state);
    const lines = [...transitions].map(([next, label]) =>
      label === undefined
        ? `${indent}${name} --> ${next}\n`
        : `${indent}${name} -->|"${label}"| ${next}\n`,
    );
    const inner = [state.ItemProcessor ?? [], state.Branches ?? []].flat();
    if (inner.length > 0) {
      const nested = inner.flatMap((workflow) => linesOf(workflow, `${indent}  `));
      return [`${indent}subgraph ${name}\n`, ...nested, `${indent}end\n`, ...lines];
    }
    return lines.length > 0 || reached.has(name) ? lines : [`${indent}${name}\n`];
  });
}

/** Returns the label of each transition, by the name of the next state. */
function transitionsOf({ Next, Default, Choices = [], Catch = [] }: State) {
  const labels = new Map<string, string | undefined>();
  if (Next !== undefined) labels.set(Next, undefined);
  if (Default !== undefined) labels.set(Default, 'default');
  for (const choice of Choices) labels.set(choice.Next, undefined);
  for (const each of Catch) labels.set(each.Next, each.ErrorEquals.join(', '));
  return labels;
}
