import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SignatureV4 } from '@smithy/signature-v4';
import { parse } from 'dotenv';
import type { Target } from './target.ts';

/**
 * Finds the deployed stage by the outputs of its stack. Credentials and Region come from the
 * environment, as for every program with the AWS SDK.
 *
 * @param stage empty for the default stage
 * @param serviceUrl not an output, as its domain is that of the certificate
 */
export async function findStage(
  stage: string,
  serviceUrl: string,
  token: string | undefined,
): Promise<Target> {
  const stepFunctions = new SFNClient();
  const { credentials, region, sha256 } = stepFunctions.config;
  const cloudFormation = new CloudFormationClient();
  const StackName = stage === '' ? 'user-onboarding' : `${stage}-user-onboarding`;
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  cloudFormation.destroy();
  // Each output is a line of `.env`.
  const lines = parse(
    (Stacks[0]?.Outputs ?? []).map(({ OutputValue }) => OutputValue ?? '').join('\n'),
  );
  const { STATUS_TABLE: statusTable, NEW_USER_URL: newUserUrl } = lines;
  if (statusTable === undefined || newUserUrl === undefined) {
    throw new Error(
      `The stack ${StackName} has no status table or no-code route: deploy it again.`,
    );
  }
  const signer = new SignatureV4({ credentials, region, service: 'execute-api', sha256 });
  return {
    serviceUrl,
    token,
    newUserUrl,
    statusTable,
    stepFunctions,
    dynamoDb: new DynamoDBClient(),
    async signedHeaders(url, body) {
      const { protocol, hostname, host, pathname: path } = new URL(url);
      const headers = { host, 'content-type': 'application/json' };
      const signed = await signer.sign({ method: 'POST', protocol, hostname, path, headers, body });
      return signed.headers;
    },
  };
}
