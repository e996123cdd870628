import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { methodNotAllowedProblem, notFoundProblem } from './http-problems.ts';
import { problemContentType } from './problem.ts';

/** What is known of a problem type. */
interface ProblemPage {
  readonly slug: string;
  readonly title: string;
  readonly status: number;
  /** What was wrong and what to do, in the words that callers get. */
  readonly details: Set<string>;
  /** Extension members of RFC 9457. */
  readonly members: Set<string>;
  /** Method and path of each. */
  readonly operations: Set<string>;
}

/** Every problem has an example in the OpenAPI document, by its slug. */
const exampleSchema = z.looseObject({ title: z.string(), status: z.number(), detail: z.string() });
const common = new Set(['type', 'title', 'status', 'detail', 'instance']);

/**
 * `/problems/<slug>`, where the `type` of every problem leads: what it means, what to do and which
 * routes return it, as HTML, or as JSON where that is asked for. All of it comes from the OpenAPI
 * document; only what no operation returns is added here.
 */
export function registerProblemPages(app: FastifyInstance): void {
  let pages: ReadonlyMap<string, ProblemPage> | undefined;
  app.get('/problems/:slug', { schema: { hide: true } }, async (request, reply) => {
    const { slug } = z.object({ slug: z.string() }).parse(request.params);
    pages ??= collectPages(app.swagger());
    const page = pages.get(slug);
    if (page === undefined) throw notFoundProblem();
    reply.header('vary', 'accept');
    if (wantsHtml(request.headers.accept)) {
      return reply.type('text/html; charset=utf-8').send(htmlOf(page));
    }
    const { details, members, operations, ...rest } = page;
    return { ...rest, details: [...details], members: [...members], operations: [...operations] };
  });
}

function collectPages(document: object): ReadonlyMap<string, ProblemPage> {
  const pages = new Map<string, ProblemPage>();
  const add = (slug: string, value: unknown, operation: string | undefined) => {
    const { title, status, detail, ...members } = exampleSchema.parse(value);
    const page = pages.get(slug) ?? {
      ...{ slug, title, status },
      ...{ details: new Set(), members: new Set(), operations: new Set() },
    };
    pages.set(slug, page);
    page.details.add(detail);
    if (operation) page.operations.add(operation);
    for (const member of Object.keys(members)) if (!common.has(member)) page.members.add(member);
  };
  for (const { type, detail } of [notFoundProblem(), methodNotAllowedProblem(['GET'])]) {
    add(type.slug, { ...type, detail }, undefined);
  }
  for (const [path, operations] of entries(member(document, 'paths'))) {
    for (const [method, operation] of entries(operations)) {
      for (const [, response] of entries(member(operation, 'responses'))) {
        const content = member(member(response, 'content'), problemContentType);
        for (const [slug, example] of entries(member(content, 'examples'))) {
          add(slug, member(example, 'value'), `${method.toUpperCase()} ${path}`);
        }
      }
    }
  }
  return pages;
}

const member = (value: unknown, name: string): unknown => Object(value)[name];
const entries = (value: unknown): [string, unknown][] => Object.entries(Object(value));

/** Browsers name it; what takes anything gets JSON. */
function wantsHtml(accept = ''): boolean {
  return /\btext\/html\b/i.test(accept);
}

function htmlOf({ title, status, slug, details, members, operations }: ProblemPage): string {
  const list = (name: string, items: ReadonlySet<string>) =>
    items.size === 0 ? '' : `<h2>${name}</h2>\n<ul>\n${[...items].map(itemOf).join('')}</ul>\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>
<p>A response with status ${status} and <code>type</code> <code>/problems/${slug}</code>.</p>
${list('What it says, and what to do', details)}${list('Members of its own', members)}${list('Returned by', operations)}<p>Every problem has a request id, <code>instance</code>: quote it when you report one.</p>
</html>
`;
}

const itemOf = (text: string) => `<li>${escaped(text)}</li>\n`;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
