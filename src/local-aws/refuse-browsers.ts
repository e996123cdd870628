import type { IncomingMessage, RequestListener } from 'node:http';

/** What a browser shows of a service of local AWS. */
export interface ServicePage {
  /** Such as `Step Functions`. */
  readonly service: string;
  /** A command that uses the service, given its URL. */
  readonly command: (url: string) => string;
  /** Where people look at what happens, if that is known. */
  readonly consoleUrl: string | undefined;
}

/** The `Server` header of a page, by which another `npm run dev` knows this one. */
export const serverName = 'local-aws';

/**
 * Keeps browsers away from a service. Nothing here checks signatures, so without this any web page
 * could use local AWS. Every browser sends `Origin` with a POST, and `Sec-Fetch-Site` with anything
 * to loopback. Whoever opens the address in a browser gets a page that says what it is; it reads and
 * changes nothing, and other pages cannot read it.
 */
export function refuseBrowsers(listener: RequestListener, page: ServicePage): RequestListener {
  return (request, response) => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isOpened = isNavigation(request);
    if (origin === undefined && site === undefined && !isOpened) {
      return listener(request, response);
    }
    request.resume();
    if (!isOpened) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('Not for browsers.\n');
      return;
    }
    const { consoleUrl } = page;
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        server: serverName,
        ...(consoleUrl && { link: `<${consoleUrl}>; rel="help"` }),
      })
      .end(html(page, `http://127.0.0.1:${request.socket.localPort}`));
  };
}

/** That a person opens the address. Browsers without `Sec-Fetch-*` are known by what they accept. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.origin !== undefined) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode === undefined) return headers.accept?.startsWith('text/html') ?? false;
  return mode === 'navigate';
}

function html({ service, command, consoleUrl }: ServicePage, url: string): string {
  const where = consoleUrl
    ? `<a href="${consoleUrl}">the console</a>`
    : 'the console, at the address that <code>npm run dev</code> printed,';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Local ${service}</title>
<h1>Local ${service}</h1>
<p>This is ${service} on this machine. It speaks to programs, not to browsers. For example:</p>
<pre>${command(url)}</pre>
<p>To see what happens here, look at ${where}.</p>
</html>
`;
}
