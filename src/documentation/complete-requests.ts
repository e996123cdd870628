import type { z } from 'zod';
import { exampleOf } from '../onboarding/example.ts';
import { memberNameNormaliser } from '../onboarding/member-names.ts';
import { isObject, type JsonObject, type Member, membersOf } from '../onboarding/members.ts';

const body = /(?<=-d '\n?)\{[\s\S]*?\}(?=')/g;

/**
 * Returns the document with every member that the schema requires in the bodies of its curl commands.
 * A missing member is added with its example, after the members that precede it in the schema.
 */
export function withCompleteRequests(document: string, schema: z.ZodObject): string {
  const normalise = memberNameNormaliser(schema);
  const example = exampleOf(schema);
  return document.replaceAll(body, (text) => {
    const sent: unknown = JSON.parse(text);
    const request = normalise(Object(sent).input ?? sent);
    const isRequest = isObject(request) && Object.keys(request).length > 0;
    return isRequest ? complete(text, '', membersOf(schema).known, request, example) : text;
  });
}

function complete(
  text: string,
  parent: string,
  members: readonly Member[],
  sent: JsonObject,
  example: JsonObject,
): string {
  return members.reduce((completed, member, index) => {
    const [value, exampleValue] = [sent[member.name], example[member.name]];
    if (member.members && isObject(value) && isObject(exampleValue)) {
      return complete(completed, member.name, member.members.known, value, exampleValue);
    }
    if (value !== undefined || member.isOptional) return completed;
    const added = `${JSON.stringify(member.name)}: ${JSON.stringify(exampleValue)}`;
    return insert(completed, parent, members.slice(0, index), added);
  }, text);
}

/** Adds a member after the last of those that precede it, or at the start of its parent. */
function insert(text: string, parent: string, preceding: readonly Member[], added: string): string {
  const previous = preceding
    .filter(({ members }) => !members)
    .map(({ name }) => new RegExp(`${nameIn(name)}${leafValue}`, 'i'))
    .findLast((pattern) => pattern.test(text));
  return previous
    ? text.replace(previous, (found) => `${found}, ${added}`)
    : text.replace(new RegExp(`${nameIn(parent)}\\{`, 'i'), (found) => `${found}${added}, `);
}

/** A pattern for a member's name in any common case, with its colon; empty for the body itself. */
function nameIn(name: string): string {
  return name === '' ? '^' : `"${[...name].join('[_-]?')}"\\s*:\\s*`;
}

const leafValue = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s,"{}[\]]+)`;
