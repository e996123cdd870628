import type { Json } from './execution.ts';
import { InvalidExpression } from './jsonata.ts';
import type { StatesMember } from './jsonata-references.ts';
import type { JsonObject, Template } from './states.ts';
import { checked, compileObject, compileTemplate, type Field, isExpression } from './template.ts';

/** One thing that is wrong with a definition, in the words and codes of AWS where it has them. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** `/States/X/Next` */
  readonly path: string;
}

/** An object within a definition. */
export interface Source {
  readonly json: JsonObject;
  readonly path: string;
  /** The object's place in its state, empty for the state itself: `Choices[1]`. */
  readonly location: string;
  readonly problems: Problem[];
}

/** The largest number of seconds that AWS takes for anything. */
export const maxSeconds = 99_999_999;

export function refuse(
  { problems, path }: Source,
  field: string,
  message: string,
  code = 'SCHEMA_VALIDATION_FAILED',
): void {
  problems.push({ code, message, path: field ? `${path === '/' ? '' : path}/${field}` : path });
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The elements of an array field as sources; none where the field is absent. */
export function objectsOf(source: Source, field: string): Source[] {
  const json = source.json[field];
  if (json === undefined) return [];
  if (!Array.isArray(json)) {
    refuse(source, field, 'Expected value of type [Array]');
    return [];
  }
  return json.flatMap((element, index) => {
    const place = `${field}[${index}]`;
    if (isObject(element)) return [inner(source, place, element)];
    refuse(source, place, 'Expected value of type [Object]');
    return [];
  });
}

/** An object within the source's object. */
export function inner(source: Source, place: string, json: JsonObject): Source {
  return {
    json,
    path: `${source.path}/${place}`,
    location: locationOf(source, place),
    problems: source.problems,
  };
}

export function locationOf({ location }: Source, field: string): string {
  return location ? `${location}/${field}` : field;
}

export function stringOf(source: Source, field: string): string | undefined {
  const json = source.json[field];
  if (json === undefined || typeof json === 'string') return json;
  refuse(source, field, 'Expected value of type [String]');
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
  refuse(source, field, `Expected ${describeRange(range)}`);
  return undefined;
}

function fieldOf(source: Source, name: string, available: readonly StatesMember[]): Field {
  const location = locationOf(source, name);
  return {
    location,
    available,
    refuse(at, error) {
      const place = `${name}${at.slice(location.length)}`;
      if (error instanceof InvalidExpression) {
        for (const problem of error.problems) refuse(source, place, problem, error.code);
      } else {
        refuse(source, place, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

const inputAndContext: readonly StatesMember[] = ['input', 'context'];

/** A field that takes any JSON. */
export function templateOf(
  source: Source,
  name: string,
  available = inputAndContext,
): Template | undefined {
  const json = source.json[name];
  return json === undefined ? undefined : compileTemplate(json, fieldOf(source, name, available));
}

/** A field that takes an object, whose members may be expressions but which is none itself. */
export function objectTemplateOf(
  source: Source,
  name: string,
  available: readonly StatesMember[],
): Template<JsonObject> | undefined {
  const json = source.json[name];
  if (json === undefined) return undefined;
  if (isObject(json)) return compileObject(json, fieldOf(source, name, available));
  refuse(source, name, 'Expected value of type [Object]');
  return undefined;
}

/** A field whose value is checked now where it is literal, and at each evaluation where not. */
function checkedTemplateOf<T extends Json>(
  source: Source,
  name: string,
  accepts: (json: Json) => json is T,
  expected: string,
): Template<T> | undefined {
  const json = source.json[name];
  const template = templateOf(source, name);
  if (json === undefined || template === undefined) return undefined;
  const deferred = typeof json === 'string' ? isExpression(json) : Array.isArray(json);
  if (!deferred && !accepts(json)) refuse(source, name, `Expected ${expected}`);
  return checked(template, locationOf(source, name), accepts, expected);
}

export function numberTemplateOf(source: Source, name: string, range: Range) {
  const accepts = (json: Json): json is number => inRange(json, range);
  return checkedTemplateOf(source, name, accepts, describeRange(range));
}

export function stringTemplateOf(source: Source, name: string) {
  return checkedTemplateOf(source, name, (json) => typeof json === 'string', 'a string');
}

export function booleanTemplateOf(source: Source, name: string) {
  return checkedTemplateOf(source, name, (json) => typeof json === 'boolean', 'a boolean');
}

export function arrayTemplateOf(source: Source, name: string) {
  return checkedTemplateOf(source, name, (json) => Array.isArray(json), 'an array');
}

/** RFC 3339 with an upper-case `T`, and `Z` where there is no offset, as the specification has it. */
const timestampPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function timestampTemplateOf(source: Source, name: string) {
  return checkedTemplateOf(
    source,
    name,
    (json): json is string =>
      typeof json === 'string' && timestampPattern.test(json) && !Number.isNaN(Date.parse(json)),
    'a timestamp such as 2016-03-14T01:59:00Z',
  );
}
