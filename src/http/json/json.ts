import { hasMoreMembersThan } from './json-strings.ts';
import { findSyntaxError } from './json-syntax.ts';
import { readLossyNumbersAsInfinity } from './lossy-numbers.ts';

/** A position in a text. Both count from 1; columns count UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The position is the end of the text. */
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

  /** Where the syntax error is. A getter, because finding it takes as long as parsing. */
  get position(): Position {
    return positionOf(findSyntaxError(this.#text) ?? this.#text.length, this.#text);
  }
}

/** The objects of the text have too many members. */
export class TooManyMembers extends Error {
  override readonly name = 'TooManyMembers';
}

/**
 * Parses JSON (RFC 8259). A number that a double cannot represent exactly becomes Infinity, for
 * example `1e-400` and `4503599627370497.3`, so that a schema can refuse it. A member named
 * `__proto__` becomes an ordinary property: do not assign it to another object.
 *
 * @param maximumMembers limit for all objects together, which bounds the time to parse them
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

function positionOf(offset: number, text: string): Position {
  let line = 1;
  let start = 0;
  for (const { index, 0: characters } of text.slice(0, offset).matchAll(lineBreak)) {
    line += 1;
    start = index + characters.length;
  }
  return { line, column: offset - start + 1, isEnd: offset === text.length };
}
