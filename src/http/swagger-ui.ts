import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** Swagger UI at `/docs`. */
export async function registerSwaggerUi(app: FastifyInstance, title: string): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title },
    uiConfig: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
}
