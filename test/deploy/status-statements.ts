/** The permissions of the service on the status table, in readable form. */
export const serviceStatements = [
  {
    Effect: 'Allow',
    Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
    Resource: '<StatusTable.Arn>',
  },
  {
    Effect: 'Allow',
    Action: 'dynamodb:Query',
    Resource: ['<StatusTable.Arn>/index/by-tracking-id', '<StatusTable.Arn>/index/changes'],
  },
  {
    Effect: 'Allow',
    Action: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['key#*'] } },
    Resource: '<StatusTable.Arn>',
  },
];
