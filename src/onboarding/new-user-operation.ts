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

/** The no-code route as a path of the OpenAPI document. Amazon API Gateway serves it, not we. */
export const newUserPath = {
  [newUser.path]: {
    [newUser.method.toLowerCase()]: {
      operationId: 'newUser',
      tags: ['No-code route'],
      summary: 'Start onboarding a user, without this service',
      description:
        'Amazon API Gateway starts the workflow by itself and returns what Step Functions returns. Nothing validates `input` before: the workflow does, and fails where it is wrong. Names are as written here, unknown members reach the workflow, and nothing is replayed.',
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
                  startDate: { type: 'number', description: 'In seconds since 1970' },
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
