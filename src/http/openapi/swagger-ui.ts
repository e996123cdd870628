import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { HttpSettings } from '../settings.ts';
import { followLinks } from './swagger-ui-links.ts';

/** A global in the browser. */
declare const SwaggerUIBundle: {
  readonly plugins: { readonly DownloadUrl: (system: unknown) => object };
};

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#0b5c55"/>
  <circle cx="12" cy="11" r="4.5" fill="#fff"/>
  <path d="M4 25c0-5 3.6-8 8-8s8 3 8 8z" fill="#fff"/>
  <path d="m19.5 14 3 3 5.5-6.500" fill="none" stroke="#7fe3c4" stroke-width="3"/>
</svg>`;

// Swagger UI works with it because it has no inline scripts.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

/** Registers Swagger UI at `/docs`, and a redirect to it from `/`. */
export async function registerSwaggerUi(
  app: FastifyInstance,
  { publicUrl = '' }: Pick<HttpSettings, 'publicUrl'>,
  title: string,
): Promise<void> {
  const type = 'image/svg+xml';
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: URL.parse(publicUrl)?.pathname ?? '',
    staticCSP: contentSecurityPolicy,
    logo: { type, content: icon },
    theme: {
      title,
      favicon: [{ filename: 'icon.svg', rel: 'icon', sizes: 'any', type, content: icon }],
    },
    uiConfig: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
      plugins: [
        // The default plugin, which this list would replace.
        (system: unknown) => SwaggerUIBundle.plugins.DownloadUrl(system),
        followLinks,
      ],
    },
  });
  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.redirect(`${publicUrl}/docs`),
  );
}
