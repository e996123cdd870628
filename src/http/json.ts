import { hasMoreMembersThan } from './json-strings.ts';
import { findSyntaxError } from './json-syntax.ts';
import { readLossyNumbersAsInfinity } from './lossy-numbers.ts';

/** A place in a text, counted from 1; columns in UTF-16 code units, as editors count them. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The text ends there, too soon. */
  readonly isEnd: boolean;
}

/** The text is not JSON. */
export class InvalidJson extends Error {
  override readonly name = 'InvalidJson';
  readonly #text: string;

  constructor(text: string) {
    super('The text is not JSON.');
    this.#text = text;
  }

  /** Takes as long as parsing does, so it is looked for only when it is asked for. */
  get place(): Place {
    return placeOf(findSyntaxError(this.#text) ?? this.#text.length, this.#text);
  }
}

/** The text has more members than it may have. */
export class TooManyMembers extends Error {
  override readonly name = 'TooManyMembers';
}

/**
 * Parses JSON (RFC 8259). A number that would not be what it was, read as a double, is Infinity:
 * also `1e-400` and `4503599627370497.3`, so that whoever needs the number can refuse it. A member
 * named `__proto__` is one like any other, and must not be assigned to another object.
 *
 * @param maximumMembers of all objects together: each takes about half a microsecond to parse
 * @throws {InvalidJson}
 * @throws {TooManyMembers}
 */
export function parseJson(text: string, maximumMembers = Number.POSITIVE_INFINITY): unknown {
  if (hasMoreMembersThan(maximumMembers, text)) throw new TooManyMembers();
  try {
    return JSON.parse(readLossyNumbersAsInfinity(text));
  } catch {
    throw new InvalidJson(text);
  }
}

const lineBreak = /\r\n|\r|\n/g;

function placeOf(offset: number, text: string): Place {
  let line = 1;
  let start = 0;
  for (const { index, 0: characters } of text.slice(0, offset).matchAll(lineBreak)) {
    line += 1;
    start = index + characters.length;
  }
  return { line, column: offset - start + 1, isEnd: offset === text.length };
}
