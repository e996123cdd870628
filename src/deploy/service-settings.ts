import type { Stack } from 'aws-cdk-lib';
import { describeBudget } from './describe-budget.ts';
import { stackParameters } from './stack-parameters.ts';
import { nameInStage } from './stage.ts';
import type { workflowStack } from './workflow/workflow-stack.ts';

/**
 * Creates the parameters that become settings of the service, wherever it runs. An empty parameter
 * means the default of the service. No parameter turns authentication off.
 */
export function settingsParameters(stack: Stack) {
  const { text, optional } = stackParameters(stack);
  return {
    AUTH_ISSUER: text('AuthIssuer', 'The issuer of access tokens, an https URL', '^https://.+$'),
    AUTH_AUDIENCE: text(
      'AuthAudience',
      'The audience of access tokens; for Amazon Cognito, the id of the app client',
      '^.+$',
    ),
    AUTH_SCOPE_CLAIM: optional(
      'AuthScopeClaim',
      'AUTH_SCOPE_CLAIM: the claim that contains the scopes',
    ),
    AUTH_SCOPE_PREFIX: optional('AuthScopePrefix', 'AUTH_SCOPE_PREFIX: the prefix of scopes'),
    CORS_ORIGINS: optional('CorsOrigins', 'CORS_ORIGINS: origins whose pages may call'),
    RATE_LIMIT_PER_MINUTE: optional(
      'RateLimitPerMinute',
      'RATE_LIMIT_PER_MINUTE: requests that one caller may send to each process in a minute',
      '\\d+',
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: optional(
      'OtlpEndpoint',
      'OTEL_EXPORTER_OTLP_ENDPOINT: where traces are sent by OTLP over HTTP; empty for no traces',
      'https?://.+',
    ),
  };
}

/**
 * Returns the environment of the service, wherever it runs.
 *
 * @param settings see `settingsParameters`
 * @param maxProcesses a parameter of the stack: how many processes share the quotas of the account
 */
export function serviceEnvironment(
  stack: Stack,
  { stack: workflow, machines, table }: ReturnType<typeof workflowStack>,
  settings: Readonly<Record<string, string>>,
  maxProcesses: number,
): Record<string, string> {
  // Create the exports here: the CDK copies the environment of a web function before it resolves
  // references to another stack.
  return {
    STEP_FUNCTIONS_WORKFLOW_ARN: workflow.exportValue(machines.standard.stateMachineArn),
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: workflow.exportValue(machines.express.stateMachineArn),
    STATUS_TABLE: workflow.exportValue(table.ref),
    ...describeBudget(stack, maxProcesses),
    ...settings,
    OTEL_SERVICE_NAME: nameInStage(stack, 'user-onboarding'),
  };
}
