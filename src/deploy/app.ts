import { App, Tags, Validations } from 'aws-cdk-lib';
import { VALIDATE_AGAINST_DEFAULT_RULES } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readDefinition } from '../workflow/definition.ts';
import { resources } from '../workflow/resources.ts';
import { serviceStack } from './service-stack.ts';
import { stageOf } from './stage.ts';
import { statusesStack } from './statuses-stack.ts';
import { webFunctionStack } from './web-function-stack.ts';
import { type WorkflowSource, workflowStack } from './workflow-stack.ts';

/**
 * All stacks, for whichever account and Region they are deployed to: nothing is looked up. A
 * finding of the CDK's own rules or of cdk-nag that is not acknowledged fails the synthesis.
 *
 * @param context as the CDK's `--context` gives it: see `openNewUser` and `nameInStage`
 * @param source the workflow, which is the project's own by default
 * @throws {InvalidWorkflow}
 * @throws {InvalidStage}
 */
export function deployment(
  context: Readonly<Record<string, unknown>> = {},
  source: WorkflowSource = { definition: readDefinition(), resources },
) {
  const app = new App({
    // main.ts does it. Otherwise the CDK does so once more as the process ends.
    autoSynth: false,
    context: {
      [VALIDATE_AGAINST_DEFAULT_RULES]: true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      // A deployment leaves the number of tasks to the autoscaling.
      '@aws-cdk/aws-ecs:removeDefaultDesiredCount': true,
      // The workflow cannot be taken away while the service stands on it.
      '@aws-cdk/core:defaultCrossStackReferences': 'strong',
      ...context,
    },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  Tags.of(app).add('application', 'user-onboarding');
  Tags.of(app).add('stage', stageOf(app) ?? 'default');
  const workflow = workflowStack(app, source);
  return {
    app,
    workflow: workflow.stack,
    service: serviceStack(app, workflow),
    webFunction: webFunctionStack(app, workflow),
    statuses: statusesStack(app),
  };
}
