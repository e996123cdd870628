import type { Template } from 'aws-cdk-lib/assertions';
import { readSettings } from '../../src/settings.ts';
import { properties } from './template.ts';

/**
 * The environment of the web function, with the defaults of its parameters. Values without a
 * default are left out.
 */
export function webFunctionEnvironment(webFunction: Template): Record<string, string> {
  const { Parameters, Mappings } = webFunction.toJSON();
  const { EnvironmentVariables } = properties(
    webFunction,
    'AWS::Lambda::WebFunctionRevision',
  ).ServiceConfig;
  return Object.fromEntries(
    Object.entries(EnvironmentVariables).flatMap(([name, value]): [string, string][] => {
      if (typeof value === 'string') return [[name, value]];
      const { Ref, 'Fn::FindInMap': share } = Object(value);
      if (share) {
        const [map, { Ref: key }, member] = share;
        return [[name, Mappings[map][Parameters[key].Default][member]]];
      }
      const byDefault = Parameters[Ref]?.Default;
      return byDefault === undefined ? [] : [[name, byDefault]];
    }),
  );
}

/** The settings that the service reads from it. */
export function webFunctionSettings(webFunction: Template) {
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';
  return readSettings({
    ...webFunctionEnvironment(webFunction),
    // Set by Lambda.
    AWS_LAMBDA_HTTP_ENDPOINT: '0.0.0.0:3000',
    AWS_REGION: 'us-east-1',
    STEP_FUNCTIONS_WORKFLOW_ARN: arn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${arn}-express`,
    STATUS_TABLE: 'user-onboarding-statuses',
    AUTH_ISSUER: 'https://issuer.example.com',
    AUTH_AUDIENCE: 'onboarding',
  });
}
