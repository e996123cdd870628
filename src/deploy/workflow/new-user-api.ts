import { type Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnIntegration,
  CfnRoute,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { newUser, requestParameters } from '../../gateway/new-user.ts';
import { logGroup } from '../log-group.ts';
import { globalName, nameInStage } from '../stage.ts';
import type { StateMachines } from './state-machines.ts';

/**
 * `--context open-new-user=yes` lets everybody start executions. Otherwise requests must be signed
 * with AWS credentials that have the permission `execute-api:Invoke` for the route.
 */
const openNewUser = 'open-new-user';

/**
 * Creates the no-code route. The integration and the route are L1 constructs, because the L2
 * constructs create their own role, without a name.
 */
export function newUserApi(stack: Stack, { standard, express }: StateMachines) {
  const api = new HttpApi(stack, 'NewUserApi', {
    apiName: nameInStage(stack, newUser.apiName),
    description: 'Starts the user onboarding workflow without any code',
    createDefaultStage: false,
  });
  const integration = new CfnIntegration(stack, 'StartExecution', {
    apiId: api.apiId,
    integrationType: 'AWS_PROXY',
    integrationSubtype: newUser.integrationSubtype,
    payloadFormatVersion: newUser.payloadFormatVersion,
    requestParameters: requestParameters(standard.stateMachineArn),
    timeoutInMillis: newUser.timeoutMilliseconds,
    credentialsArn: role(stack, [standard.stateMachineArn, express.stateMachineArn]).roleArn,
  });
  const isOpen = stack.node.tryGetContext(openNewUser) === 'yes';
  const route = new CfnRoute(stack, 'NewUser', {
    apiId: api.apiId,
    routeKey: `${newUser.method} ${newUser.path}`,
    target: `integrations/${integration.ref}`,
    authorizationType: isOpen ? 'NONE' : 'AWS_IAM',
  });
  if (isOpen) {
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: `The operator who deploys turned authentication off with ${openNewUser}=yes.`,
    });
  }
  const stage = new HttpStage(stack, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    // A flood of requests must not use up the quota of StartExecution, which the service needs too:
    // 1300 at once and 300 per second, or 800 and 150 in most Regions.
    throttle: { burstLimit: 100, rateLimit: 50 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(
        logGroup(
          stack,
          'NewUserApiLogs',
          `/aws/vendedlogs/apigateway/${nameInStage(stack, newUser.apiName)}`,
        ),
      ),
      format: AccessLogFormat.custom(JSON.stringify(accessLog)),
    },
  });
  return { invokeUrl: stage.url.replace(/\/$/, '') + newUser.path };
}

/** The fields of the access log, without the body and the address of the caller. */
const accessLog = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integration.error',
  error: '$context.error.message',
};

const pushToCloudWatchLogs = 'service-role/AmazonAPIGatewayPushToCloudWatchLogs';

function role(stack: Stack, stateMachineArns: string[]): Role {
  const role = new Role(stack, 'NewUserApiRole', {
    ...globalName(stack, newUser.roleName, 'roleName'),
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(pushToCloudWatchLogs)],
    inlinePolicies: {
      [newUser.policyName]: new PolicyDocument({
        statements: [
          // The route calls only StartExecution on the Standard state machine. The name, the policy
          // and the permissions of the role are fixed, so that an operator can also use it for a
          // route of their own, with the subtype `StepFunctions-StartSyncExecution`.
          new PolicyStatement({
            actions: ['states:StartExecution', 'states:StartSyncExecution'],
            resources: stateMachineArns,
          }),
        ],
      }),
    },
  });
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${pushToCloudWatchLogs}]`,
    reason: 'The policy that API Gateway requires for writing logs.',
  });
  return role;
}
