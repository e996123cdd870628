/**
 * Replaces the one part of a document that matches.
 *
 * @param part names the part, for the error
 * @throws {Error} no part matches
 */
export function replacePart(
  document: string,
  part: string,
  pattern: RegExp,
  replacement: string,
): string {
  if (!pattern.test(document)) throw new Error(`The document has no ${part}.`);
  return document.replace(pattern, () => replacement);
}

/**
 * Replaces the table that follows a heading.
 *
 * @throws {Error} no table follows the heading
 */
export function replaceTable(document: string, heading: string, table: string): string {
  const pattern = new RegExp(`(?<=^${heading}\\n\\n)(?:\\|.*\\n)+`, 'm');
  return replacePart(document, `table below "${heading}"`, pattern, table);
}
