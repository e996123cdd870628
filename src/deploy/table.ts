import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Table } from '../workflow/resources.ts';
import { nameInStage } from './stage.ts';

/** A table whose items are nowhere else: it outlives the stack, and only a person can delete it. */
export function table(stack: Stack, id: string, { name, partitionKey, sortKey }: Table): TableV2 {
  return new TableV2(stack, id, {
    tableName: nameInStage(stack, name),
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
    billing: Billing.onDemand(),
    // Unlike DynamoDB's own key, its use shows in CloudTrail; unlike a key of ours, it has no monthly
    // price and no key policy.
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
