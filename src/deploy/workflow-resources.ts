import { Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';

export type WorkflowResources = ReturnType<typeof workflowResources>;

/** What the workflow uses: the users' table, its function and the queue that announces users. */
export function workflowResources(stack: Stack) {
  return { table: table(stack), applyReferral: applyReferral(stack), queue: queue(stack) };
}

function table(stack: Stack) {
  return new TableV2(stack, 'Table', {
    tableName: 'user-onboarding',
    partitionKey: { name: 'PK', type: AttributeType.STRING },
    sortKey: { name: 'SK', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    // Against DynamoDB's own key, its use shows in CloudTrail; against one of ours, it has no
    // monthly price and no key policy.
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // The users are nowhere else: they outlive the stack, and only a person can delete them.
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

function queue(stack: Stack) {
  const secured = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(stack, 'DeadLetters', {
    ...secured,
    queueName: 'user-onboarded-dead-letters',
    // Longer than the queue's own: a dead letter's age counts from when it was first sent.
    retentionPeriod: Duration.days(14),
  });
  return new Queue(stack, 'Queue', {
    ...secured,
    queueName: 'user-onboarded',
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
}

function applyReferral(stack: Stack) {
  const logs = logGroup(stack, 'ApplyReferralLogs', '/aws/lambda/user-onboarding-apply-referral');
  const role = new Role(stack, 'ApplyReferralRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  logs.grantWrite(role);
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray has no resources that a policy could name.',
  });
  return new NodejsFunction(stack, 'ApplyReferral', {
    functionName: 'user-onboarding-apply-referral',
    entry: projectPath('src/functions/apply-referral.ts'),
    depsLockFilePath: projectPath('package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    // Less than the state's own timeout: a function that hangs is told by Lambda's error, which the
    // state retries, and does not go on beside its next attempt.
    timeout: Duration.seconds(10),
    tracing: Tracing.ACTIVE,
    logGroup: logs,
    role,
    bundling: { format: OutputFormat.ESM, target: 'node24', logLevel: LogLevel.WARNING },
  });
}
