import { CfnParameter, type Stack } from 'aws-cdk-lib';

/**
 * What differs between deployments of a stack. CloudFormation keeps the values, so a later
 * deployment need not repeat them.
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
