/**
 * The no-code route: Amazon API Gateway starts the workflow itself. The stack deploys this
 * definition and local AWS serves it, so that both behave alike.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
 */
export const newUser = {
  apiName: 'user-onboarding-api',
  method: 'POST',
  path: '/new-user',
  integrationSubtype: 'StepFunctions-StartExecution',
  payloadFormatVersion: '1.0',
  /** Selects the input of the execution from the body. An object becomes JSON text. */
  input: '$request.body.input',
  /** API Gateway allows at most 30 s. Starting an execution takes far less. */
  timeoutMilliseconds: 10_000,
  roleName: 'user-onboarding-api-gateway-stepfunctions-role',
  policyName: 'InvokeUserOnboardingWorkflow',
} as const;

/** API Gateway evaluates `$request.body.<name>` on the first 100 KB of the body only. */
export const selectableBodyBytes = 100 * 1024;

/** Names are PascalCase: API Gateway refuses `stateMachineArn` when the route is deployed. */
export function requestParameters(stateMachineArn: string) {
  return { Input: newUser.input, StateMachineArn: stateMachineArn };
}
