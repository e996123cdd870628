import { AssetHashType, Aws, DockerImage, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  WebFunction,
  WebFunctionAuthType,
  WebFunctionCode,
  WebFunctionRuntime,
} from 'aws-cdk-lib/aws-lambda';
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';
import { bundleService } from './service-bundle.ts';
import { serviceEnvironment } from './service-settings.ts';
import { nameInStage } from './stage.ts';
import type { WebFunctionParameters } from './web-function-parameters.ts';
import type { workflowStack } from './workflow-stack.ts';

/**
 * The service as a Lambda web function: Lambda runs the HTTP server itself, several requests at once
 * in each execution environment, as many environments as there are requests for, and none where there
 * are none. https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
export function serviceWebFunction(
  stack: Stack,
  workflow: ReturnType<typeof workflowStack>,
  { settings, maxEnvironments }: WebFunctionParameters,
) {
  // The names of web functions are unique in an account, over all its Regions.
  const webFunctionName = `${nameInStage(stack, 'user-onboarding-service')}-${Aws.REGION}`;
  const role = new Role(stack, 'WebFunctionRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [workflow.policy],
  });
  const logGroupName = `/aws/lambda/web/${nameInStage(stack, 'user-onboarding-service')}`;
  const logs = logGroup(stack, 'WebFunctionLogs', logGroupName);
  // Lambda gathers the log of each Region here before it copies it to the other log group.
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
        // Never used, since the bundling below works everywhere.
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
    // As long as an event stream may be, the longest response.
    timeout: Duration.minutes(15),
    // The most that Lambda takes. Callers wait most of the time, which takes no CPU.
    maxConcurrencyPerEnvironment: 128,
    environment: {
      ...serviceEnvironment(stack, workflow, settings, maxEnvironments),
      NODE_ENV: 'production',
      // Lambda appends the address of the caller, and nobody else can connect. Its own address is
      // not documented, but is not one of the Internet.
      TRUST_PROXY: 'loopback,linklocal,uniquelocal',
      // Lambda closes connections; if the service did, a request could cross the close: a 502.
      KEEP_ALIVE_SECONDS: '3600',
      // Lambda lets requests finish before SIGTERM, and kills the process a second after it.
      SHUTDOWN_GRACE_SECONDS: '0.8',
      // A scrape would reach any one of the environments.
      METRICS: 'off',
    },
    // The service authenticates callers itself.
    defaultEndpointAuth: WebFunctionAuthType.APPLICATION_MANAGED,
    defaultEndpoint: { maxEnvironments },
  });
  webFunction.resourceRevision.node.addDependency(logs, local);
  Validations.of(stack).acknowledge(
    {
      id: 'Annotation::@aws-cdk/aws-lambda:webFunctionPublicEndpoint',
      reason: 'The service authenticates callers itself.',
    },
    {
      id: 'AwsSolutions-S1',
      reason: 'The bucket holds the code, and Lambda alone reads it.',
    },
    ...[
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]',
      'IAM5[Resource::<AWSCDKWebFunctionAssetBucket5B596593.Arn>/web-function/*]',
      'IAM5[Action::s3:Abort*]',
      'IAM5[Action::s3:DeleteObject*]',
    ].map((rule) => ({
      id: `AwsSolutions-${rule}`,
      reason:
        "The CDK's own function, which copies the code to its bucket as the stack is deployed.",
    })),
  );
  return { webFunction, logs };
}
