import { globSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A Markdown file, by its path from the root. */
export interface Document {
  readonly path: string;
  readonly text: string;
  /** The text outside fenced blocks. */
  readonly prose: string;
  /** The code spans of the prose. */
  readonly code: readonly string[];
}

const fence = /^```.*\n[\s\S]*?^```$/gm;

/** Every document of the project. */
export const documents: readonly Document[] = globSync(['*.md', '{config,src,test}/**/*.md'], {
  cwd: root,
})
  .toSorted()
  .map((path) => {
    const text = readFileSync(new URL(path, root), 'utf8');
    const prose = text.replace(fence, '');
    return {
      path,
      text,
      prose,
      code: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span),
    };
  });

/** The anchors that GitHub gives a document's headings. */
export function anchorsOf({ prose }: Document): string[] {
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** A request that a document shows, to the service or to the no-code route. */
export interface Example {
  /** The document, number and path, for test names. */
  readonly name: string;
  readonly port: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The HTTP response that the next block shows, if it shows one. */
  readonly response: { readonly status: number; readonly body: string } | undefined;
}

const curl =
  /^curl (?<rest>[^\n]*http:\/\/127\.0\.0\.1:(?<port>300[01])(?<path>\/[^\s']*)[\s\S]*?)\n```\n(?:\n```\nHTTP\/1\.1 (?<status>\d+)[\s\S]*?\n\n(?<body>.*)\n```)?/gm;

/** The curl commands of a document, in order. */
export function examplesOf({ path: document, text }: Document): Example[] {
  return [...text.matchAll(curl)].map(({ groups = {} }, index) => {
    const { rest = '', port = '', path = '', status, body = '' } = groups;
    const headers = [...rest.matchAll(/-H '([^:']+): ([^']*)'/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    const sent = /-d '([\s\S]*?)'/.exec(rest)?.[1];
    return {
      name: `${document}, ${index + 1}: ${path}`,
      port,
      path,
      method: sent === undefined ? 'GET' : 'POST',
      headers: Object.fromEntries(headers),
      body: sent ?? null,
      response: status === undefined ? undefined : { status: Number(status), body },
    };
  });
}
