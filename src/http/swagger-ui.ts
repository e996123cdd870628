import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { HttpSettings } from './settings.ts';

/** Swagger UI at `/docs`, to which `/` redirects. */
export async function registerSwaggerUi(
  app: FastifyInstance,
  { publicUrl = '' }: Pick<HttpSettings, 'publicUrl'>,
  title: string,
): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: URL.parse(publicUrl)?.pathname ?? '',
    theme: { title },
    uiConfig: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.redirect(`${publicUrl}/docs`),
  );
}
