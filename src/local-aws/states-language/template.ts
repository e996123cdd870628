import { QueryEvaluationError } from './errors.ts';
import type { Json } from './execution.ts';
import { compileExpression, type Expression } from './jsonata.ts';
import type { StatesMember } from './jsonata-references.ts';
import type { JsonObject, Template } from './states.ts';

/** The field that a template is compiled for. */
export interface Field {
  /** The path within the state, as AWS writes it: `Output/user/name`, `Choices[1]/Condition`. */
  readonly location: string;
  /** The members of `$states` that exist in the field. */
  readonly available: readonly StatesMember[];
  /** Called with the variables that an expression refers to. */
  addReferences(names: readonly string[]): void;
  /** Called with the location and the error of an expression that Step Functions would refuse. */
  addProblem(location: string, error: unknown): void;
}

/** Whether a string of a definition is a JSONata expression. Any other string is a literal. */
export function isExpression(text: string): boolean {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');
}

function expressionOf(text: string): string {
  return text.slice(2, -2).trim();
}

/** Compiles JSON in which strings, at any depth, may be JSONata expressions. */
export function compileTemplate(json: Json, field: Field): Template {
  if (typeof json === 'string') return compileString(json, field);
  if (Array.isArray(json)) {
    const elements = json.map((element, index) => {
      return compileTemplate(element, { ...field, location: `${field.location}[${index}]` });
    });
    return async (bindings) => {
      const values: Json[] = [];
      for (const element of elements) values.push(await element(bindings));
      return values;
    };
  }
  return typeof json === 'object' && json !== null ? compileObject(json, field) : () => json;
}

export function compileObject(json: JsonObject, field: Field): Template<JsonObject> {
  const members = Object.entries(json).map(([name, member]) => {
    const location = `${field.location}/${name}`;
    return [name, compileTemplate(member, { ...field, location })] as const;
  });
  return async (bindings) => {
    const values: [string, Json][] = [];
    for (const [name, member] of members) values.push([name, await member(bindings)]);
    return Object.fromEntries(values);
  };
}

function compileString(text: string, field: Field): Template {
  if (!isExpression(text)) {
    if (text.startsWith('{%') || text.endsWith('%}')) {
      const message = 'A JSONata expression starts with {% and ends with %}.';
      field.addProblem(field.location, new Error(message));
    }
    return () => text;
  }
  let expression: Expression;
  try {
    expression = compileExpression(expressionOf(text), field.available);
  } catch (error) {
    field.addProblem(field.location, error);
    return () => text;
  }
  field.addReferences(expression.variables);
  return async (bindings) => {
    const value = await expression.evaluate(bindings).catch((error: Error) => {
      throw new QueryEvaluationError(field.location, causeOf(text, field.location, error.message));
    });
    if (value === undefined) {
      const what = 'returned nothing (undefined).';
      throw new QueryEvaluationError(field.location, causeOf(text, field.location, what));
    }
    return value;
  };
}

function causeOf(text: string, location: string, what: string): string {
  return `The JSONata expression '${expressionOf(text)}' specified for the field '${location}' ${what}`;
}

/** The type and the range of a field's value. */
export interface Expected<T extends Json> {
  readonly type: 'array' | 'boolean' | 'number' | 'string';
  accepts(value: Json): value is T;
  /** Used in messages, such as `an integer between 1 and 10`. */
  readonly description: string;
}

/** Returns a template that checks its value each time it is evaluated. */
export function checked<T extends Json>(
  template: Template,
  text: string,
  location: string,
  expected: Expected<T>,
): Template<T> {
  return async (bindings) => {
    const value = await template(bindings);
    if (expected.accepts(value)) return value;
    const type = typeOf(value);
    const what =
      type === expected.type
        ? `returned an unexpected value. Expected ${expected.description}, but was ${JSON.stringify(value)}`
        : `returned an unexpected result type. Expected '${expected.type}', but was '${type}' for value: ${JSON.stringify(value)}`;
    throw new QueryEvaluationError(location, causeOf(text, location, what));
  };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
