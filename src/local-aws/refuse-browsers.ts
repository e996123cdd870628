import type { IncomingMessage, RequestListener } from 'node:http';

/** The page that a browser shows when somebody opens a local AWS service. */
export interface ServicePage {
  /** Such as `Step Functions`. */
  readonly service: string;
  /** A command that uses the service, given its URL. */
  readonly command: (url: string) => string;
  /** Undefined where the console's port is not known yet. */
  readonly consoleUrl: string | undefined;
}

/** The `Server` header of a page, by which a second `npm run dev` recognises the first. */
export const serverName = 'local-aws';

/**
 * Refuses requests that come from a web page. Local AWS does not check signatures, so any web page
 * could use it otherwise. Every browser sends `Origin` with a POST, and `Sec-Fetch-Site` with every
 * request to loopback. Somebody who opens the address in a browser gets a static page that says what
 * the service is; other pages can neither read nor frame it.
 */
export function refuseBrowsers(listener: RequestListener, page: ServicePage): RequestListener {
  return (request, response) => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isOpened = isNavigation(request);
    const isFromBrowser = isOpened || origin !== undefined || site !== undefined;
    if (!isFromBrowser) {
      return listener(request, response);
    }
    request.resume();
    if (!isOpened) {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('Web pages may not call this.\n');
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

/** Whether a person opens the address. Browsers without `Sec-Fetch-*` are recognised by `Accept`. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.origin !== undefined) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode === undefined) return headers.accept?.startsWith('text/html') ?? false;
  return mode === 'navigate';
}

function html({ service, command, consoleUrl }: ServicePage, url: string): string {
  const consoleLink = consoleUrl
    ? `<a href="${consoleUrl}">the console</a>`
    : 'the console at the address that <code>npm run dev</code> printed';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Local ${service}</title>
<h1>Local ${service}</h1>
<p>This is ${service} on this machine. Programs use it, not browsers. For example:</p>
<pre>${command(url)}</pre>
<p>To see what happens here, open ${consoleLink}.</p>
</html>
`;
}
