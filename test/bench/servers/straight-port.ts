import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import Fastify, { type FastifyRequest } from 'fastify';

// What one writes in an afternoon: Fastify and the SDK with their defaults. Only the host prefix is
// off, as the stub has no `sync-127.0.0.1`.
const app = Fastify({ logger: true, routerOptions: { maxParamLength: 768 } });
const client = new SFNClient({
  region: process.env.AWS_REGION,
  endpoint: process.env.AWS_ENDPOINT_URL_SFN,
  disableHostPrefix: true,
});

interface Onboarding {
  Body: { user: { userId: string } };
}

const text = { type: 'string', minLength: 1 };
const schema = {
  body: {
    type: 'object',
    required: ['user'],
    properties: {
      user: {
        type: 'object',
        required: ['userId', 'email', 'name', 'signupDate', 'source'],
        properties: {
          userId: text,
          email: { type: 'string', format: 'email' },
          name: text,
          signupDate: { type: 'string', format: 'date-time' },
          source: text,
          metadata: { type: 'object' },
        },
      },
    },
  },
};

app.post(
  '/process-user-onboarding',
  { schema },
  async (request: FastifyRequest<Onboarding>, reply) => {
    const { userId } = request.body.user;
    const { executionArn } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: process.env.STEP_FUNCTIONS_WORKFLOW_ARN,
        name: `user-onboarding-${userId}-${crypto.randomUUID()}`,
        input: JSON.stringify(request.body),
      }),
    );
    reply.code(202);
    return { message: 'User onboarding started', executionArn, trackingId: userId };
  },
);

app.post('/process-user-onboarding-sync', { schema }, async (request, reply) => {
  const { status, executionArn, output, startDate, stopDate, error, cause } = await client.send(
    new StartSyncExecutionCommand({
      stateMachineArn: process.env.STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS,
      input: JSON.stringify(request.body),
    }),
  );
  if (status !== 'SUCCEEDED') return reply.code(400).send({ status, error, cause });
  return { status, executionArn, output, startDate, stopDate };
});

app.get<{ Params: { executionArn: string } }>(
  '/onboarding-status/:executionArn',
  async (request) => {
    const { status, output, executionArn, startDate, stopDate } = await client.send(
      new DescribeExecutionCommand({ executionArn: request.params.executionArn }),
    );
    return { status, output, executionArn, startDate, stopDate };
  },
);

await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT) });
