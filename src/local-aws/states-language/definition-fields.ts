import { isObject, type Json } from './execution.ts';
import { InvalidExpression } from './jsonata.ts';
import type { StatesMember } from './jsonata-references.ts';
import type { JsonObject, Template } from './states.ts';
import {
  checked,
  compileObject,
  compileTemplate,
  type Expected,
  type Field,
  isExpression,
} from './template.ts';
import { readTimestamp } from './timestamp.ts';

/** A problem in a definition, with AWS's code and message where they are known. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** Such as `/States/X/Next`; undefined if the definition is not a JSON object. */
  readonly path: string | undefined;
}

/** A JSON object within a definition, and where its problems are collected. */
export interface Source {
  readonly json: JsonObject;
  readonly path: string;
  /** The object's path within its state, such as `Choices[1]`; empty for the state itself. */
  readonly location: string;
  readonly problems: Problem[];
  /** Variables that the expressions of the state refer to. */
  readonly variables: Set<string>;
}

/** The most seconds that AWS accepts in any field. */
export const maxSeconds = 99_999_999;

export function addProblem(
  { problems, path }: Source,
  field: string,
  message: string,
  code = 'SCHEMA_VALIDATION_FAILED',
): void {
  problems.push({ code, message, path: field ? `${path === '/' ? '' : path}/${field}` : path });
}

/** Adds the problem of a field whose value is none of those allowed. */
export function addUnknownValue(source: Source, field: string, allowed: readonly string[]): void {
  const list = allowed.join(', ');
  addProblem(source, field, `The field '${field}' should have one of these values: [${list}]`);
}

/** Returns the elements of an array field as sources; none if the field is absent. */
export function objectsOf(source: Source, field: string): Source[] {
  const json = source.json[field];
  if (json === undefined) return [];
  if (!Array.isArray(json)) {
    addProblem(source, field, 'Expected value of type [Array]');
    return [];
  }
  return json.flatMap((element, index) => {
    const place = `${field}[${index}]`;
    if (isObject(element)) return [inner(source, place, element)];
    addProblem(source, place, 'Expected value of type [Object]');
    return [];
  });
}

/** Returns the source of a nested object. */
export function inner(source: Source, place: string, json: JsonObject): Source {
  return {
    json,
    path: `${source.path}/${place}`,
    location: locationOf(source, place),
    problems: source.problems,
    variables: source.variables,
  };
}

function locationOf({ location }: Source, field: string): string {
  return location ? `${location}/${field}` : field;
}

export function stringOf(source: Source, field: string): string | undefined {
  const json = source.json[field];
  if (json === undefined || typeof json === 'string') return json;
  addProblem(source, field, 'Expected value of type [String]');
  return undefined;
}

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly fraction?: boolean;
}

const inRange = (json: Json, { min, max, fraction }: Range): json is number =>
  typeof json === 'number' &&
  json >= min &&
  json <= max &&
  (fraction === true || Number.isInteger(json));

const describeRange = ({ min, max, fraction }: Range) =>
  `${fraction ? 'a number' : 'an integer'} between ${min} and ${max}`;

export function numberOf(source: Source, field: string, range: Range): number | undefined {
  const json = source.json[field];
  if (json === undefined || inRange(json, range)) return json;
  addProblem(source, field, `Expected ${describeRange(range)}`);
  return undefined;
}

function fieldOf(source: Source, name: string, available: readonly StatesMember[]): Field {
  const location = locationOf(source, name);
  return {
    location,
    available,
    addReferences(names) {
      for (const each of names) source.variables.add(each);
    },
    addProblem(at, error) {
      const place = `${name}${at.slice(location.length)}`;
      if (error instanceof InvalidExpression) {
        for (const problem of error.problems) addProblem(source, place, problem, error.code);
      } else {
        addProblem(source, place, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

const inputAndContext: readonly StatesMember[] = ['input', 'context'];

/** Compiles a field that may have any JSON value. */
export function templateOf(
  source: Source,
  name: string,
  available = inputAndContext,
): Template | undefined {
  const json = source.json[name];
  return json === undefined ? undefined : compileTemplate(json, fieldOf(source, name, available));
}

/** Compiles a field that must be an object. Its members may be expressions; it may not be one itself. */
export function objectTemplateOf(
  source: Source,
  name: string,
  available: readonly StatesMember[],
): Template<JsonObject> | undefined {
  const json = source.json[name];
  if (json === undefined) return undefined;
  if (isObject(json)) return compileObject(json, fieldOf(source, name, available));
  addProblem(source, name, 'Expected value of type [Object]');
  return undefined;
}

/** Compiles a field of one type. A literal is checked now, an expression each time it is evaluated. */
export function checkedTemplateOf<T extends Json>(
  source: Source,
  name: string,
  expected: Expected<T>,
  literalMessage = `Expected ${expected.description}`,
): Template<T> | undefined {
  const json = source.json[name];
  const template = templateOf(source, name);
  if (json === undefined || template === undefined) return undefined;
  const deferred = typeof json === 'string' && isExpression(json);
  if (!deferred && !expected.accepts(json)) addProblem(source, name, literalMessage);
  return checked(template, deferred ? json : '', locationOf(source, name), expected);
}

export function numberTemplateOf(source: Source, name: string, range: Range) {
  return checkedTemplateOf<number>(source, name, {
    type: 'number',
    accepts: (json): json is number => inRange(json, range),
    description: describeRange(range),
  });
}

export const aString: Expected<string> = {
  type: 'string',
  accepts: (json) => typeof json === 'string',
  description: 'a string',
};

export const aBoolean: Expected<boolean> = {
  type: 'boolean',
  accepts: (json) => typeof json === 'boolean',
  description: 'a boolean',
};

export const anArray: Expected<Json[]> = {
  type: 'array',
  accepts: (json) => Array.isArray(json),
  description: 'an array',
};

/** Checks the format of a literal now. The Wait state checks the result of an expression. */
export function timestampTemplateOf(source: Source, name: string) {
  const json = source.json[name];
  const literal = typeof json === 'string' && !isExpression(json);
  if (literal && readTimestamp(json) === undefined) addProblem(source, name, notATimestamp);
  return checkedTemplateOf(source, name, aString, notATimestamp);
}

const notATimestamp = 'String does not match RFC3339 timestamp';
