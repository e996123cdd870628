import { newUser } from '../gateway/new-user.ts';
import { exampleRequest } from './request.ts';
import { exampleArn } from './responses.ts';

const gatewayMessage = {
  description: 'Refused by Amazon API Gateway',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['message'],
        properties: { message: { type: 'string' } },
      },
      example: { message: 'Bad Request' },
    },
  },
};

/** The no-code route as a path of the OpenAPI document. Amazon API Gateway serves it. */
export const newUserPath = {
  [newUser.path]: {
    [newUser.method.toLowerCase()]: {
      operationId: 'newUser',
      tags: ['No-code route'],
      summary: 'Start onboarding a user, without this service',
      description:
        'Amazon API Gateway starts the workflow itself and returns the response of Step Functions. Only the workflow validates `input`: an invalid `input` fails the execution. Names must be spelt exactly as here, unknown members reach the workflow, and every request starts a workflow: there are no idempotency keys.',
      servers: [
        {
          url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
          description: `The HTTP API ${newUser.apiName}`,
          variables: { apiId: { default: 'api-id' }, region: { default: 'us-east-1' } },
        },
      ],
      security: [],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['input'],
              properties: { input: { $ref: '#/components/schemas/OnboardingRequest' } },
            },
            example: { input: exampleRequest },
          },
        },
      },
      responses: {
        200: {
          description: 'The workflow has been started',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['executionArn', 'startDate'],
                properties: {
                  executionArn: { type: 'string' },
                  startDate: { type: 'number', description: 'Seconds since the Unix epoch' },
                },
              },
              example: { executionArn: exampleArn, startDate: 1762770600.123 },
            },
          },
        },
        400: gatewayMessage,
        500: gatewayMessage,
      },
    },
  },
};
