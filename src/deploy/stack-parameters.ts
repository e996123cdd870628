import { CfnCondition, CfnParameter, Fn, type Stack } from 'aws-cdk-lib';

/**
 * Returns functions that add parameters to a stack. CloudFormation keeps their values for later
 * deployments.
 */
export function stackParameters(stack: Stack) {
  return {
    text: (id: string, description: string, allowedPattern: string): string =>
      new CfnParameter(stack, id, { description, allowedPattern }).valueAsString,
    /** Empty by default. */
    optional: (id: string, description: string, allowedPattern = '.*'): string =>
      new CfnParameter(stack, id, {
        description,
        default: '',
        allowedPattern: `^$|^(${allowedPattern})$`,
      }).valueAsString,
    number: (id: string, description: string, limits: object): number =>
      new CfnParameter(stack, id, { type: 'Number', description, ...limits }).valueAsNumber,
  };
}

/** Creates the condition that a parameter is not empty. */
export function isSet(stack: Stack, id: string, parameter: string): CfnCondition {
  return new CfnCondition(stack, id, {
    expression: Fn.conditionNot(Fn.conditionEquals(parameter, '')),
  });
}
