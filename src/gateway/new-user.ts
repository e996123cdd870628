/**
 * The no-code route: Amazon API Gateway starts the workflow by itself. The stack deploys this
 * description and local AWS serves it, so that what runs on a laptop is what is deployed.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
 */
export const newUser = {
  apiName: 'user-onboarding-api',
  method: 'POST',
  path: '/new-user',
  integrationSubtype: 'StepFunctions-StartExecution',
  payloadFormatVersion: '1.0',
  /** What becomes the execution's input, an object as its JSON text. */
  input: '$request.body.input',
  /** API Gateway waits at most 30 s; to start an execution takes far less. */
  timeoutMilliseconds: 10_000,
  roleName: 'user-onboarding-api-gateway-stepfunctions-role',
  policyName: 'InvokeUserOnboardingWorkflow',
} as const;

/**
 * API Gateway looks for `$request.body.<name>` in this many bytes at the start of the body, and
 * never sees the rest.
 */
export const selectableBodyBytes = 100 * 1024;

/** The names are PascalCase: API Gateway refuses `stateMachineArn` when the route is deployed. */
export function requestParameters(stateMachineArn: string) {
  return { Input: newUser.input, StateMachineArn: stateMachineArn };
}
