import type { Way } from '../exchange.ts';
import type { RequestField } from '../view.ts';

/** The text in each field of the form, by the name of the field. */
export type Texts = Readonly<Record<string, string>>;

export type JsonObject = Readonly<Record<string, unknown>>;

export const nameOf = ({ path }: RequestField) => path.join('.');

/** Returns the label of a field, such as `Signup date` for `user.signupDate`. */
export function labelOf({ path }: RequestField): string {
  const words = (path.at(-1) ?? '').replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function exampleTexts(fields: readonly RequestField[]): Texts {
  return Object.fromEntries(fields.map((field) => [nameOf(field), textOf(field.example)]));
}

export function textsOf(fields: readonly RequestField[], request: JsonObject): Texts {
  return Object.fromEntries(
    fields.map((field) => {
      const value = field.path.reduce<unknown>((parent, name) => Object(parent)[name], request);
      return [nameOf(field), textOf(value)];
    }),
  );
}

/** Returns the request with the texts of the form in it. Its other members stay as they are. */
export function filledIn(
  request: JsonObject,
  fields: readonly RequestField[],
  texts: Texts,
): JsonObject {
  return fields.reduce(
    (filled, field) => withMember(filled, field.path, sentValue(field, texts[nameOf(field)] ?? '')),
    request,
  );
}

export function bodyOf(way: Way, request: JsonObject): string {
  return JSON.stringify(way === 'no-code' ? { input: request } : request, undefined, 2);
}

/** Returns the request in a body; undefined if there is none. */
export function requestIn(body: string): JsonObject | undefined {
  try {
    const parsed = objectIn(JSON.parse(body));
    return objectIn(parsed?.input) ?? parsed;
  } catch {
    return undefined;
  }
}

/** A value that is not text is written as JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** An optional member is left out if its text is empty. Text that is not JSON is sent as it is. */
function sentValue({ isOptional, example }: RequestField, text: string): unknown {
  if (isOptional && text === '') return undefined;
  if (typeof example === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withMember(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [name = '', ...rest] = path;
  const member = rest.length === 0 ? value : withMember(objectIn(object[name]) ?? {}, rest, value);
  return { ...object, [name]: member };
}

function objectIn(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
