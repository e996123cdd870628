import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { methodNotAllowedProblem, notFoundProblem } from './http-problems.ts';
import { problemContentType } from './problem.ts';

/** The documentation of a problem type. */
interface ProblemPage {
  readonly slug: string;
  readonly title: string;
  readonly status: number;
  /** The `detail` texts that responses contain. */
  readonly details: Set<string>;
  /** Names of its extension members (RFC 9457, 3.2). */
  readonly members: Set<string>;
  /** The operations that return the problem, each as method and path. */
  readonly operations: Set<string>;
}

/** The OpenAPI document has an example of every problem, keyed by its slug. */
const exampleSchema = z.looseObject({ title: z.string(), status: z.number(), detail: z.string() });
const common = new Set(['type', 'title', 'status', 'detail', 'instance']);

/**
 * Registers `/problems/<slug>`, which the `type` of every problem refers to: what the problem means,
 * what to do, and which routes return it. Responds with HTML if the `Accept` header names it, else
 * with JSON. The content comes from the OpenAPI document, plus the problems that no operation
 * returns: 404 and 405.
 */
export function registerProblemPages(app: FastifyInstance): void {
  let pages: ReadonlyMap<string, ProblemPage> | undefined;
  app.get('/problems/:slug', { schema: { hide: true } }, async (request, reply) => {
    const { slug } = z.object({ slug: z.string() }).parse(request.params);
    pages ??= collectPages(app.swagger());
    const page = pages.get(slug);
    if (page === undefined) throw notFoundProblem();
    // CORS may have added `Origin`.
    reply.header('vary', [reply.getHeader('vary') ?? [], 'accept'].flat().join(', '));
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
    const { slug, title, status } = type;
    add(slug, { title, status, detail }, undefined);
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

/** Browsers name `text/html`. A client that sends a wildcard gets JSON. */
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
${list('What it means and what to do', details)}${list('Additional members', members)}${list('Returned by', operations)}<p>The <code>instance</code> of a problem is the request id. Quote it when you report a problem.</p>
</html>
`;
}

const itemOf = (text: string) => `<li>${escaped(text)}</li>\n`;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
