import { App, Tags, Validations } from 'aws-cdk-lib';
import { VALIDATE_AGAINST_DEFAULT_RULES } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readDefinition } from '../workflow/definition.ts';
import { resources } from '../workflow/resources.ts';
import { serviceStack } from './service/service-stack.ts';
import { stageOf } from './stage.ts';
import { statusesStack } from './statuses/statuses-stack.ts';
import { webFunctionStack } from './web-function/web-function-stack.ts';
import { type WorkflowSource, workflowStack } from './workflow/workflow-stack.ts';

/**
 * Creates the CDK app with all stacks. They are independent of account and Region, since nothing is
 * looked up. Findings of the CDK's own rules or of cdk-nag fail the synthesis unless acknowledged.
 *
 * @param context the CDK's `--context`: see `openNewUser` and `nameInStage`
 * @param source the workflow; by default, the one of this project
 * @throws {InvalidWorkflow}
 * @throws {InvalidStage}
 */
export function deployment(
  context: Readonly<Record<string, unknown>> = {},
  source: WorkflowSource = { definition: readDefinition(), resources },
) {
  const app = new App({
    // main.ts synthesises. Otherwise the CDK would do so again when the process ends.
    autoSynth: false,
    context: {
      [VALIDATE_AGAINST_DEFAULT_RULES]: true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      // Deployments leave the number of tasks to autoscaling.
      '@aws-cdk/aws-ecs:removeDefaultDesiredCount': true,
      // The workflow stack cannot be deleted while the service uses it.
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
