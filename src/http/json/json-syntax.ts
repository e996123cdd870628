const value = String.raw`["{[]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null`;

/** The tokens that may come next in a JSON text (RFC 8259), each after optional white space. */
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
// Any characters except control characters, quote and backslash; or an escape sequence.
const stringPart = /[\u0020\u0021\u0023-\u005b\u005d-\uffff]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/**
 * Returns the offset of the first unexpected token, the length of the text if it ends too early, or
 * `undefined` for valid JSON. The messages of `JSON.parse` often lack the position, and they repeat
 * the text.
 */
export function findSyntaxError(text: string): number | undefined {
  /** One entry for each open array or object: what to expect after its next value. */
  const open: ('afterElement' | 'afterMember')[] = [];
  let expected: keyof typeof grammar = 'value';
  let at = 0;
  for (;;) {
    const end = endOf(grammar[expected], text, at);
    if (end === undefined) return endOf(whiteSpace, text, at);
    if (expected === 'end') return undefined;
    at = end;
    switch (text.charAt(end - 1)) {
      case '{':
        open.push('afterMember');
        expected = 'firstName';
        break;
      case '[':
        open.push('afterElement');
        expected = 'firstElement';
        break;
      case ':':
        expected = 'value';
        break;
      case ',':
        expected = expected === 'afterMember' ? 'name' : 'value';
        break;
      case '}':
      case ']':
        open.pop();
        expected = open.at(-1) ?? 'end';
        break;
      case '"': {
        at = endOfStringParts(text, end);
        if (text.charAt(at) !== '"') return at;
        at += 1;
        const isName: boolean = expected === 'name' || expected === 'firstName';
        expected = isName ? 'afterName' : (open.at(-1) ?? 'end');
        break;
      }
      default:
        expected = open.at(-1) ?? 'end';
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
