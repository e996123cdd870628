const value = String.raw`["{[]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null`;

/** What may stand at a place in a JSON text (RFC 8259), after white space. */
const grammar = {
  value: token(value),
  firstElement: token(String.raw`\]|${value}`),
  afterElement: token(String.raw`[,\]]`),
  name: token('"'),
  firstName: token('["}]'),
  afterName: token(':'),
  afterMember: token('[,}]'),
  end: token('$'),
};

function token(pattern: string): RegExp {
  return new RegExp(String.raw`[ \t\r\n]*(?:${pattern})`, 'y');
}

const whiteSpace = /[ \t\r\n]*/y;
// All but control characters, the quote and the backslash; or an escape.
const stringPart = /[\u0020\u0021\u0023-\u005b\u005d-\uffff]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/**
 * The offset of the first token that cannot stand where it does; the text's length where the text
 * ends too soon; `undefined` for valid JSON. `JSON.parse` says no place in half of its messages,
 * and repeats the text.
 */
export function findSyntaxError(text: string): number | undefined {
  /** What follows each member of the structures that are open. */
  const open: ('afterElement' | 'afterMember')[] = [];
  let place: keyof typeof grammar = 'value';
  let at = 0;
  for (;;) {
    const end = endOf(grammar[place], text, at);
    if (end === undefined) return endOf(whiteSpace, text, at);
    if (place === 'end') return undefined;
    at = end;
    switch (text.charAt(end - 1)) {
      case '{':
        open.push('afterMember');
        place = 'firstName';
        break;
      case '[':
        open.push('afterElement');
        place = 'firstElement';
        break;
      case ':':
        place = 'value';
        break;
      case ',':
        place = place === 'afterMember' ? 'name' : 'value';
        break;
      case '}':
      case ']':
        open.pop();
        place = open.at(-1) ?? 'end';
        break;
      case '"': {
        at = endOfStringParts(text, end);
        if (text.charAt(at) !== '"') return at;
        at += 1;
        const isName: boolean = place === 'name' || place === 'firstName';
        place = isName ? 'afterName' : (open.at(-1) ?? 'end');
        break;
      }
      default:
        place = open.at(-1) ?? 'end';
    }
  }
}

function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function endOfStringParts(text: string, start: number): number {
  let at = start;
  for (;;) {
    const end = endOf(stringPart, text, at);
    if (end === undefined) return at;
    at = end;
  }
}
