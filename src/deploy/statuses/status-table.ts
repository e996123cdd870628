import { RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  indexes,
  statusTableDefinition,
  timeToLiveAttribute,
} from '../../status-table/definition.ts';

/** Creates the status table from its definition, which the L1 construct accepts as it is. */
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
    // The AWS managed key for DynamoDB, whose use is in CloudTrail.
    sseSpecification: { sseEnabled: true, sseType: 'KMS' },
  });
  table.applyRemovalPolicy(RemovalPolicy.DESTROY);
  Validations.of(table).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason: 'Step Functions has all of its data, and a backup would contain outdated statuses.',
  });
  return table;
}

function key({ AttributeName, KeyType }: { AttributeName: string; KeyType: string }) {
  return { attributeName: AttributeName, keyType: KeyType };
}

/** Returns the ARN of an index of the status table. */
export function indexArn(table: CfnTable, index: keyof typeof indexes): string {
  return `${table.attrArn}/index/${indexes[index]}`;
}

/** Returns what the service may do with the table: read statuses, and read and write key claims. */
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
