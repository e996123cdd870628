import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

export type Expressions = Pick<
  UpdateItemCommandInput,
  'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Whether a condition holds: terms joined by OR and AND. */
export function holds(
  condition: string,
  item: Item | undefined,
  expressions: Expressions,
): boolean {
  if (condition.includes(' OR ')) {
    return condition.split(' OR ').some((term) => holds(term, item, expressions));
  }
  return condition.split(' AND ').every((term) => {
    if (term === '') return true;
    const [, not, attribute] = /^attribute_(not_)?exists\((\S+)\)$/.exec(term) ?? [];
    if (attribute !== undefined) {
      return (item?.[nameOf(attribute, expressions)] === undefined) === (not !== undefined);
    }
    const [, name = '', operator = '', value = ''] =
      /^(\S+) (=|<|<=|>|>=) (:\w+)$/.exec(term) ?? [];
    const [a, b] = [
      item?.[nameOf(name, expressions)],
      expressions.ExpressionAttributeValues?.[value],
    ];
    if (a === undefined || b === undefined) return false;
    const difference = a.S === undefined ? numberOf(a) - numberOf(b) : Number(a.S !== b.S);
    if (operator === '=') return difference === 0;
    return operator.startsWith('<')
      ? difference < 0 || (operator === '<=' && difference === 0)
      : difference > 0 || (operator === '>=' && difference === 0);
  });
}

/** The item after an UpdateExpression. */
export function updated(item: Item | undefined, input: UpdateItemCommandInput): Item {
  const { Key, UpdateExpression = '', ExpressionAttributeValues = {} } = input;
  const [, set = '', remove = ''] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(UpdateExpression) ?? [];
  const changed: Record<string, AttributeValue> = { ...item, ...Key };
  for (const assignment of set.split(', ')) {
    const [name = '', value = ''] = assignment.split(' = ');
    const attribute = ExpressionAttributeValues[value];
    if (attribute) changed[nameOf(name, input)] = attribute;
  }
  for (const name of remove.split(', ')) delete changed[nameOf(name, input)];
  return changed;
}

function nameOf(text: string, { ExpressionAttributeNames = {} }: Expressions): string {
  return ExpressionAttributeNames[text] ?? text;
}

export function numberOf(value: AttributeValue | undefined): number {
  return Number(value?.N);
}
