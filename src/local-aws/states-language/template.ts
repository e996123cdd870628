import { QueryEvaluationError } from './errors.ts';
import type { Json } from './execution.ts';
import { compileExpression, type Expression } from './jsonata.ts';
import type { StatesMember } from './jsonata-references.ts';
import type { JsonObject, Template } from './states.ts';

/** Where a template stands, and what it may refer to. */
export interface Field {
  /** Relative to the state, as AWS writes it: `Output/user/name`, `Choices[1]/Condition`. */
  readonly location: string;
  readonly available: readonly StatesMember[];
  /** Called with an expression that Step Functions would refuse, and where in the field it stands. */
  refuse(location: string, error: unknown): void;
}

/** Whether a string of a definition is a JSONata expression. Others are taken literally. */
export function isExpression(text: string): boolean {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');
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
      field.refuse(field.location, new Error(message));
    }
    return () => text;
  }
  let expression: Expression;
  try {
    expression = compileExpression(text.slice(2, -2).trim(), field.available);
  } catch (error) {
    field.refuse(field.location, error);
    return () => text;
  }
  const cause = (what: string) =>
    `The JSONata expression '${expression.source}' specified for the field '${field.location}' ${what}`;
  return async (bindings) => {
    const value = await expression.evaluate(bindings).catch((error: Error) => {
      const what = `threw an error during evaluation. ${error.message}`;
      throw new QueryEvaluationError(field.location, cause(what));
    });
    if (value === undefined) {
      throw new QueryEvaluationError(field.location, cause('returned nothing (undefined).'));
    }
    return value;
  };
}

/** Has a template's value checked each time it is evaluated. */
export function checked<T extends Json>(
  template: Template,
  location: string,
  accepts: (value: Json) => value is T,
  expected: string,
): Template<T> {
  return async (bindings) => {
    const value = await template(bindings);
    if (accepts(value)) return value;
    const what = `The field '${location}' returned an unexpected result type or value.`;
    throw new QueryEvaluationError(location, `${what} Expected ${expected}.`);
  };
}
