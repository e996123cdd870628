import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { listProblems } from './documented-problems.ts';
import { listingNotConfiguredProblem } from './problems.ts';
import { trackingIdSchema } from './request.ts';
import { listResponse, listResponseSchema } from './responses.ts';

const limit = 'Must be a whole number from 1 to 100';

const querySchema = z.looseObject({
  trackingId: trackingIdSchema.meta({
    description: 'The userId as sent',
    examples: ['user-88888'],
  }),
  limit: z.coerce
    .number(limit)
    .int(limit)
    .min(1, limit)
    .max(100, limit)
    .default(20)
    .meta({ description: 'The maximum number of onboardings to return', examples: [20] }),
  cursor: z
    .string()
    .optional()
    .meta({
      description: '`next` of the previous page, for the same trackingId',
      examples: ['WyJ0cmFja2luZyIsMTc2Mjc3MDYwMDEyMywiYXJuIl0'],
    }),
});

/** Registers the route that lists the onboardings of one user. */
export function registerListRoute(
  server: FastifyInstance,
  { listForUser }: Pick<WorkflowExecutions, 'listForUser'>,
): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'GET',
    url: '/onboarding-status',
    config: {
      scope: scopes.list,
      problems: listProblems,
    },
    schema: {
      tags,
      operationId: 'listOnboardings',
      summary: "List a user's onboardings",
      description:
        'Newest first. Includes onboardings started by POST /process-user-onboarding and by the no-code route, until 90 days after their end. A new onboarding appears within seconds. Requires the status table.',
      querystring: querySchema,
      response: { 200: listResponseSchema },
    },
    handler: async (request, reply) => {
      if (listForUser === undefined) throw listingNotConfiguredProblem();
      const { trackingId, ...page } = request.query;
      const found = await listForUser(trackingId, page, clientDisconnectSignal(reply));
      return listResponse(found);
    },
  });
}
