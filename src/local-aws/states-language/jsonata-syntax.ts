import { isNode, type Node } from './jsonata-references.ts';

/** Operators that came with JSONata 2.1, and the symbol at which 2.0, which AWS has, stops. */
const newerOperators: Readonly<Record<string, string>> = { '?:': ':', '??': '?' };

/**
 * Finds an operator that JSONata 2.0 does not have.
 *
 * @returns what JSONata 2.0 says of it
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
 * Whether a single step of an evaluation may take long, which JSONata's own timeout cannot end: a
 * regular expression may backtrack, and `$pad` may be asked for gigabytes.
 */
export function mayBlock(ast: unknown): boolean {
  return nodesOf(ast).some(
    ({ type, value }) => type === 'regex' || (type === 'variable' && value === 'pad'),
  );
}

/** The variables that an expression refers to and does not bind itself; functions among them. */
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
