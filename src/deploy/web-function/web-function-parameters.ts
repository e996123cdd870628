import type { Stack } from 'aws-cdk-lib';
import { maxProcessCount } from '../describe-budget.ts';
import { settingsParameters } from '../service-settings.ts';
import { stackParameters } from '../stack-parameters.ts';

export type WebFunctionParameters = ReturnType<typeof webFunctionParameters>;

/** Creates the parameters of the service on Lambda. */
export function webFunctionParameters(stack: Stack) {
  const { number } = stackParameters(stack);
  return {
    settings: settingsParameters(stack),
    maxEnvironments: number(
      'MaxEnvironments',
      'Maximum of execution environments, each of which handles up to 128 requests at once',
      // Lambda requires at least 2.
      { default: 10, minValue: 2, maxValue: maxProcessCount },
    ),
  };
}
