import type { Template } from 'aws-cdk-lib/assertions';
import { readSettings } from '../../src/settings.ts';
import { properties } from './template.ts';

/**
 * The environment of the web function, with the defaults of its parameters. Values without a
 * default are left out, as are those whose condition chooses no value.
 */
export function webFunctionEnvironment(webFunction: Template): Record<string, string> {
  const { Parameters, Mappings, Conditions } = webFunction.toJSON();
  const { EnvironmentVariables } = properties(
    webFunction,
    'AWS::Lambda::WebFunctionRevision',
  ).ServiceConfig;
  const byDefault = (value: unknown): string | undefined => {
    if (typeof value === 'string') return value;
    const { Ref, 'Fn::FindInMap': share, 'Fn::If': choice } = Object(value);
    if (choice) {
      const [condition, ifSet, otherwise] = choice;
      const [{ 'Fn::Equals': sides }] = Conditions[condition]['Fn::Not'];
      return byDefault(byDefault(sides[0]) === sides[1] ? otherwise : ifSet);
    }
    if (!share) return Parameters[Ref]?.Default;
    const [map, { Ref: key }, member] = share;
    return Mappings[map][Parameters[key].Default][member];
  };
  return Object.fromEntries(
    Object.entries(EnvironmentVariables).flatMap(([name, value]): [string, string][] => {
      const text = byDefault(value);
      return text === undefined ? [] : [[name, text]];
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
