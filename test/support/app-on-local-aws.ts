import type { LocalAwsOptions } from '../../src/local-aws/local-aws.ts';
import { startWithClients } from '../local-aws/local-aws-clients.ts';
import { type Environment, startApp } from './app.ts';

/** Production's own app in front of local AWS, on free ports, with real clients of local AWS. */
export async function startAppOnLocalAws(options: Omit<LocalAwsOptions, 'ports'> = {}) {
  const local = await startWithClients(options);
  const { stepFunctionsUrl, workflowArn, expressWorkflowArn } = local.aws;
  const startAnother = (settings: Environment = {}) =>
    startApp(stepFunctionsUrl, {
      STEP_FUNCTIONS_WORKFLOW_ARN: workflowArn,
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: expressWorkflowArn,
      ...settings,
    });
  const app = await startAnother();
  return {
    local,
    app,
    url: app.url,
    /** Starts another app, with other settings, in front of the same local AWS. */
    startAnother,
    async close() {
      await app.close();
      await local.close();
    },
  };
}

export type AppOnLocalAws = Awaited<ReturnType<typeof startAppOnLocalAws>>;
