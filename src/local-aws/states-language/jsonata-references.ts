/** A member of `$states`. */
export type StatesMember = 'input' | 'context' | 'result' | 'errorOutput';

/**
 * Finds the references that Step Functions refuses when a state machine is created. An expression has
 * no input document, so it may not refer to one. `$states.result` and `$states.errorOutput` exist in
 * some fields only.
 *
 * @returns AWS's message for each such reference
 * @see https://states-language.net/spec.html#jsonata-restrictions
 */
export function unsupportedReferences(ast: unknown, available: readonly StatesMember[]): string[] {
  const found: string[] = [];
  const report = (reference: string) =>
    found.push(`Reference to '${reference}' at the top level is not supported.`);

  /** `inDocument` means that names here refer to the input document rather than to a known value. */
  function visit(node: unknown, inDocument: boolean): void {
    if (Array.isArray(node)) {
      for (const element of node) visit(element, inDocument);
      return;
    }
    if (!isNode(node)) return;
    switch (node.type) {
      case 'name':
      case 'wildcard':
      case 'descendant':
        if (inDocument) report(String(node.value));
        break;
      case 'variable':
        if (node.value === '$') found.push("Reference to '$$' is not supported.");
        if (node.value === '' && inDocument) report('$');
        break;
      case 'path':
        visitPath(node.steps, inDocument);
        visit(node.group, false);
        return;
      case 'transform':
        visitMembers(node, false);
        return;
      case 'regex':
        return;
    }
    visitMembers(node, inDocument);
  }

  function visitMembers(node: Node, inDocument: boolean): void {
    for (const [member, value] of Object.entries(node)) {
      const narrowed = ['stages', 'predicate', 'group', 'terms'].includes(member);
      visit(value, inDocument && !narrowed);
    }
  }

  function visitPath(steps: unknown, inDocument: boolean): void {
    if (!Array.isArray(steps)) return;
    const [first, second, ...rest] = steps;
    if (isNode(first) && first.type === 'variable' && first.value === 'states' && isNode(second)) {
      const unavailable = ['result', 'errorOutput']
        .filter((member) => !available.some((name) => name === member))
        .includes(String(second.value));
      if (unavailable) {
        found.push(`Field '$states.${second.value}' does not exist.`);
      }
    }
    visit(first, inDocument);
    visit([second, ...rest], false);
  }

  visit(ast, true);
  return [...new Set(found)];
}

export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
