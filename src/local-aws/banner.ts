import { newUser } from '../gateway/new-user.ts';
import { exampleRequest } from '../onboarding/request.ts';
import { tables } from '../workflow/resources.ts';
import type { LocalAws } from './local-aws.ts';

/**
 * Returns what `npm run dev` prints: the URL of each service, and commands to paste into a shell.
 *
 * @param serviceUrl without a trailing slash, like `consoleUrl`
 */
export function banner(aws: LocalAws, serviceUrl: string, consoleUrl: string): string {
  const onboarding = (userId: string, referralCode: string) => ({
    user: {
      ...exampleRequest.user,
      userId,
      email: 'jane@example.com',
      name: 'Jane Doe',
      metadata: { ...exampleRequest.user.metadata, referralCode },
    },
  });
  const postJson = (url: string, body: object) =>
    `${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const post = (path: string, userId: string, referralCode: string) =>
    postJson(`${serviceUrl}${path}`, onboarding(userId, referralCode));
  const scanTables = Object.values(tables).map(
    ({ name }) => `  aws dynamodb scan --endpoint-url ${aws.dynamoDbUrl} --table-name ${name}`,
  );
  const receiveMessages = [...aws.queueUrls.values()].map(
    (url) => `  aws sqs receive-message --endpoint-url ${aws.sqsUrl} --queue-url ${url}`,
  );
  const newUserUrl = `${aws.apiGatewayUrl}${newUser.path}`;
  return `
Console         ${consoleUrl} (watch what happens)
Service         ${serviceUrl} (try it out: ${serviceUrl}/docs)
Step Functions  ${aws.stepFunctionsUrl}
DynamoDB        ${aws.dynamoDbUrl}
SQS and SNS     ${aws.sqsUrl}
API Gateway     ${aws.apiGatewayUrl}

Onboard a user and wait for the result. Then onboard one with an invalid referral code: the
workflow fails, after it has saved the user:
  curl -i ${post('/process-user-onboarding-sync', 'user-1', 'FRIEND2025')}
  curl -i ${post('/process-user-onboarding-sync', 'user-2', '2025')}

Onboard a user without waiting, then get the status:
  ARN=$(curl -s ${post('/process-user-onboarding', 'user-3', 'FRIEND2025')} | sed 's/.*"executionArn":"\\([^"]*\\)".*/\\1/')
  curl -i ${serviceUrl}/onboarding-status/$ARN

Onboard a user through API Gateway, without the service. The workflow validates the input itself,
and saves fields that the service would drop:
  curl -i ${postJson(newUserUrl, { input: onboarding('user-4', 'FRIEND2025') })}

Inspect everything with the AWS CLI:
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1
  aws stepfunctions list-executions --endpoint-url ${aws.stepFunctionsUrl} --state-machine-arn ${aws.workflowArn}
  aws stepfunctions get-execution-history --endpoint-url ${aws.stepFunctionsUrl} --execution-arn $ARN
${[...scanTables, ...receiveMessages].join('\n')}

`;
}
