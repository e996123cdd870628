import { RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { indexes, statusTableDefinition, timeToLiveAttribute } from '../status-table/definition.ts';

/** The status table, as its definition has it. The CDK's lower-level construct takes it whole. */
export function statusTable(stack: Stack, name: string): CfnTable {
  const definition = statusTableDefinition(name);
  const table = new CfnTable(stack, 'StatusTable', {
    tableName: definition.TableName,
    billingMode: definition.BillingMode,
    attributeDefinitions: definition.AttributeDefinitions.map((attribute) => ({
      attributeName: attribute.AttributeName,
      attributeType: attribute.AttributeType,
    })),
    keySchema: definition.KeySchema.map(key),
    globalSecondaryIndexes: definition.GlobalSecondaryIndexes.map((index) => ({
      indexName: index.IndexName,
      keySchema: index.KeySchema.map(key),
      projection: {
        projectionType: index.Projection.ProjectionType,
        nonKeyAttributes: index.Projection.NonKeyAttributes,
      },
    })),
    timeToLiveSpecification: { attributeName: timeToLiveAttribute, enabled: true },
    // With AWS's own key for DynamoDB: its use shows in CloudTrail.
    sseSpecification: { sseEnabled: true, sseType: 'KMS' },
  });
  table.applyRemovalPolicy(RemovalPolicy.DESTROY);
  Validations.of(table).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason: 'Step Functions has all that it holds; an older copy of it would be wrong.',
  });
  return table;
}

function key({ AttributeName, KeyType }: { AttributeName: string; KeyType: string }) {
  return { attributeName: AttributeName, keyType: KeyType };
}

/** The ARN of an index of the status table. */
export function indexArn(table: CfnTable, index: keyof typeof indexes): string {
  return `${table.attrArn}/index/${indexes[index]}`;
}

/** What the service does with the table: it reads statuses, and writes claims of keys alone. */
export function serviceStatements(table: CfnTable): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
      resources: [table.attrArn],
    }),
    new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: [indexArn(table, 'changes'), indexArn(table, 'trackingId')],
    }),
    new PolicyStatement({
      actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      resources: [table.attrArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['key#*'] } },
    }),
  ];
}
