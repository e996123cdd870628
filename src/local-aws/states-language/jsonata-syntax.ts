import { isNode, type Node } from './jsonata-references.ts';

/** The operators of JSONata 2.1, with the symbol that JSONata 2.0, AWS's version, reports for each. */
const newerOperators: Readonly<Record<string, string>> = { '?:': ':', '??': '?' };

/**
 * Finds an operator that JSONata 2.0 does not have.
 *
 * @returns the error message of JSONata 2.0, or undefined
 */
export function newerOperator(source: string, ast: unknown): string | undefined {
  for (const { type, position } of nodesOf(ast)) {
    if (type !== 'condition' || typeof position !== 'number') continue;
    const symbol = newerOperators[source.slice(position - 2, position)];
    if (symbol) return `The symbol "${symbol}" cannot be used as a unary operator`;
  }
  return undefined;
}

/**
 * Whether a single step of an evaluation may take long. JSONata's timeout cannot interrupt a step: a
 * regular expression that backtracks, or a `$pad` to gigabytes.
 */
export function mayBlock(ast: unknown): boolean {
  return nodesOf(ast).some(
    ({ type, value }) => type === 'regex' || (type === 'variable' && value === 'pad'),
  );
}

/** Returns the variables, functions included, that an expression refers to but does not bind. */
export function freeVariables(ast: unknown): string[] {
  const nodes = nodesOf(ast);
  const variables = nodes
    .filter(({ type }) => type === 'variable')
    .map(({ value }) => String(value));
  const bound = nodes.flatMap(({ type, lhs, arguments: parameters }) => {
    if (type === 'bind') return [lhs];
    return type === 'lambda' && Array.isArray(parameters) ? parameters : [];
  });
  const names = new Set(bound.map((node) => (isNode(node) ? String(node.value) : '')));
  return variables.filter((name) => name !== '' && name !== '$' && !names.has(name));
}

function nodesOf(ast: unknown): Node[] {
  const nodes = new Set<Node>();
  const visit = (value: unknown): void => {
    if (!isNode(value) || nodes.has(value)) return;
    nodes.add(value);
    Object.values(value).forEach(visit);
  };
  visit(ast);
  return [...nodes];
}
