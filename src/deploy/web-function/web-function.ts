import {
  AssetHashType,
  Aws,
  DockerImage,
  Duration,
  Fn,
  type Stack,
  Validations,
} from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  WebFunction,
  WebFunctionAuthType,
  WebFunctionCode,
  WebFunctionRuntime,
} from 'aws-cdk-lib/aws-lambda';
import { logGroup } from '../log-group.ts';
import { projectPath } from '../project-path.ts';
import { serviceEnvironment } from '../service-settings.ts';
import { isSet } from '../stack-parameters.ts';
import { nameInStage } from '../stage.ts';
import type { workflowStack } from '../workflow/workflow-stack.ts';
import { bundleService } from './service-bundle.ts';
import type { WebFunctionParameters } from './web-function-parameters.ts';

/**
 * Creates the service as a Lambda web function. Lambda runs the HTTP server itself, with several
 * requests at once in each execution environment, and scales the number of environments with the
 * requests, down to zero. https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
export function serviceWebFunction(
  stack: Stack,
  workflow: ReturnType<typeof workflowStack>,
  { settings, maxEnvironments }: WebFunctionParameters,
) {
  // The names of web functions are unique in an account, across Regions.
  const webFunctionName = `${nameInStage(stack, 'user-onboarding-service')}-${Aws.REGION}`;
  const role = new Role(stack, 'WebFunctionRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [workflow.policy],
  });
  const logGroupName = `/aws/lambda/web/${nameInStage(stack, 'user-onboarding-service')}`;
  const logs = logGroup(stack, 'WebFunctionLogs', logGroupName);
  // Lambda collects the log of each Region here before it copies it to the other log group.
  // https://docs.aws.amazon.com/lambda/latest/dg/web-functions-logging.html
  const local = logGroup(stack, 'WebFunctionLocalLogs', `${logGroupName}.local`);
  for (const each of [logs, local]) each.grantWrite(role);
  const webFunction = new WebFunction(stack, 'WebFunction', {
    webFunctionName,
    role,
    logGroup: logs,
    runtime: WebFunctionRuntime.NODEJS_24_X,
    code: WebFunctionCode.fromAssetToManagedBucket(projectPath('src'), {
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        // Required by the CDK but never used, because local bundling always succeeds.
        image: DockerImage.fromRegistry('scratch'),
        local: {
          tryBundle(folder) {
            bundleService(folder);
            return true;
          },
        },
      },
      copyOptions: {
        logGroup: logGroup(
          stack,
          'CodeCopyLogs',
          `/aws/lambda/${nameInStage(stack, 'user-onboarding-web-function-code')}`,
        ),
      },
    }),
    // The longest response, which is an event stream.
    timeout: Duration.minutes(15),
    // Lambda's maximum. Most requests wait, which takes no CPU.
    maxConcurrencyPerEnvironment: 128,
    environment: {
      ...serviceEnvironment(stack, workflow, withoutEmpty(stack, settings), maxEnvironments),
      NODE_ENV: 'production',
      // Only Lambda can connect, and it appends the address of the caller. Its own address is not
      // documented, but is not public.
      TRUST_PROXY: 'loopback,linklocal,uniquelocal',
      // Let Lambda close connections. If the service closed one, a request sent at that moment would
      // fail with 502.
      KEEP_ALIVE_SECONDS: '3600',
      // Lambda lets requests finish before SIGTERM, and kills the process one second later.
      SHUTDOWN_GRACE_SECONDS: '0.8',
      // A scrape would reach only one of the environments.
      METRICS: 'off',
    },
    // The service authenticates callers itself.
    defaultEndpointAuth: WebFunctionAuthType.APPLICATION_MANAGED,
    defaultEndpoint: { maxEnvironments },
  });
  // Not its ARN, which the CDK uses: CloudFormation could not read the domain of the endpoint.
  // https://github.com/aws/agent-toolkit-for-aws/blob/main/skills/specialized-skills/serverless-skills/aws-lambda-web-functions/references/infrastructure-as-code.md
  webFunction.resourceRevision.functionName = webFunctionName;
  webFunction.endpoint.resource.functionName = webFunctionName;
  // With the policy of the role, so that the first environment can write its log.
  webFunction.resourceRevision.node.addDependency(role, logs, local);
  Validations.of(stack).acknowledge(
    {
      id: 'Annotation::@aws-cdk/aws-lambda:webFunctionPublicEndpoint',
      reason: 'The service authenticates callers itself.',
    },
    {
      id: 'AwsSolutions-S1',
      reason: 'The bucket contains the code, and only Lambda reads it.',
    },
    ...[
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]',
      'IAM5[Resource::<AWSCDKWebFunctionAssetBucket5B596593.Arn>/web-function/*]',
      'IAM5[Action::s3:Abort*]',
      'IAM5[Action::s3:DeleteObject*]',
    ].map((rule) => ({
      id: `AwsSolutions-${rule}`,
      reason: "The CDK's own function, which copies the code to the bucket during the deployment.",
    })),
  );
  return { webFunction, logs };
}

/**
 * Leaves out the variables of empty parameters. Lambda refuses empty values:
 * https://docs.aws.amazon.com/lambda/latest/lambda-web/API_ServiceConfig.html
 */
function withoutEmpty(
  stack: Stack,
  { AUTH_ISSUER, AUTH_AUDIENCE, ...optional }: WebFunctionParameters['settings'],
): Record<string, string> {
  const unlessEmpty = Object.entries(optional).map(([variable, value]) => {
    const { logicalId } = isSet(stack, `Has${variable.replaceAll('_', '')}`, value);
    return [variable, Fn.conditionIf(logicalId, value, Aws.NO_VALUE).toString()] as const;
  });
  return { AUTH_ISSUER, AUTH_AUDIENCE, ...Object.fromEntries(unlessEmpty) };
}
