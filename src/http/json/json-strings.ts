/**
 * Finds the end of a JSON string.
 *
 * @param start the offset after the opening quote
 * @returns the offset after the closing quote, or the length of the text without one
 */
export function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start);
  while (quote !== -1) {
    let escapes = quote;
    while (json.charAt(escapes - 1) === '\\') escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    quote = json.indexOf('"', quote + 1);
  }
  return json.length;
}

const delimiter = /[":,]/g;

/**
 * Whether the objects of a JSON text have more than `maximum` members together. Objects with a
 * single member do not count: objects with many members are slow to parse, deep nesting is not.
 */
export function hasMoreMembersThan(maximum: number, json: string): boolean {
  // The shortest member is `"":0,`.
  if (json.length / 5 <= maximum) return false;
  let colons = 0;
  let commas = 0;
  delimiter.lastIndex = 0;
  while (delimiter.test(json)) {
    const at = delimiter.lastIndex;
    const character = json.charAt(at - 1);
    if (character === '"') delimiter.lastIndex = endOfString(json, at);
    else if (character === ':') colons += 1;
    else commas += 1;
    if (colons > maximum && commas > maximum) return true;
  }
  return false;
}
