import { SFNClient } from '@aws-sdk/client-sfn';
import { startLocalAws } from '../../src/local-aws/local-aws.ts';

const port = { port: 0, variable: 'none' };

/** Starts local AWS with the workflow, to compare histories. */
export async function startLocalTwin() {
  const aws = await startLocalAws({
    ports: { stepFunctions: port, dynamoDb: port, sqs: port, apiGateway: port },
  });
  const stepFunctions = new SFNClient({
    endpoint: aws.stepFunctionsUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    stepFunctions,
    workflowArn: aws.workflowArn,
    async close() {
      stepFunctions.destroy();
      await aws.close();
    },
  };
}

export type LocalTwin = Awaited<ReturnType<typeof startLocalTwin>>;
