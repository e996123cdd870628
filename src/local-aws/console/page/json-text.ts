const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/**
 * Returns a JSON text with line breaks and indentation, and any other text unchanged. Every token
 * stays as it is: `JSON.parse` would round `9007199254740993` and drop one of two equal names.
 *
 * @param enough may end after this many characters
 */
export function indented(text: string, enough = Number.POSITIVE_INFINITY): string {
  if (!isJson(text)) return text;
  let result = '';
  let depth = 0;
  let previous = '';
  const breakLine = () => {
    result += `\n${'  '.repeat(depth)}`;
  };
  for (const [part] of text.matchAll(token)) {
    const closes = part === '}' || part === ']';
    if (closes) depth -= 1;
    const isEmpty = closes && (previous === '{' || previous === '[');
    if ((closes && !isEmpty) || (!closes && /^[[{,]$/.test(previous))) breakLine();
    result += part === ':' ? ': ' : part;
    if (part === '{' || part === '[') depth += 1;
    previous = part;
    if (result.length >= enough) break;
  }
  return result;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
