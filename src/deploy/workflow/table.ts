import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Table } from '../../workflow/resources.ts';
import { nameInStage } from '../stage.ts';

/** Creates a table whose data exists nowhere else. It is kept and protected when the stack is deleted. */
export function table(stack: Stack, id: string, { name, partitionKey, sortKey }: Table): TableV2 {
  return new TableV2(stack, id, {
    tableName: nameInStage(stack, name),
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
    billing: Billing.onDemand(),
    // Unlike the key owned by DynamoDB, its use is in CloudTrail. Unlike a customer managed key, it
    // has no monthly price and no key policy.
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
