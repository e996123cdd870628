import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import { monitorWebFunction } from '../alarms/web-function-alarms.ts';
import { nameInStage } from '../stage.ts';
import type { workflowStack } from '../workflow/workflow-stack.ts';
import { serviceWebFunction } from './web-function.ts';
import { webFunctionParameters } from './web-function-parameters.ts';

/** Creates the service on Lambda, where nothing runs while there are no requests. */
export function webFunctionStack(app: App, workflow: ReturnType<typeof workflowStack>): Stack {
  const stack = new Stack(app, 'user-onboarding-web-function', {
    stackName: nameInStage(app, 'user-onboarding-web-function'),
    description: 'The user onboarding service as a Lambda web function',
    terminationProtection: true,
  });
  const { webFunction, logs } = serviceWebFunction(stack, workflow, webFunctionParameters(stack));
  monitorWebFunction(webFunction, logs);
  new CfnOutput(stack, 'URL', { value: `https://${webFunction.endpoint.domainName}` });
  return stack;
}
