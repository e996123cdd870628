import type { Stack } from 'aws-cdk-lib';
import { mostProcesses } from './describe-budget.ts';
import { settingsParameters } from './service-settings.ts';
import { stackParameters } from './stack-parameters.ts';

export type WebFunctionParameters = ReturnType<typeof webFunctionParameters>;

/** The parameters of the service on Lambda. */
export function webFunctionParameters(stack: Stack) {
  const { number } = stackParameters(stack);
  return {
    settings: settingsParameters(stack),
    maxEnvironments: number(
      'MaxEnvironments',
      'The most execution environments, each of which takes up to 128 requests at once',
      // Lambda takes no fewer.
      { default: 10, minValue: 2, maxValue: mostProcesses },
    ),
  };
}
