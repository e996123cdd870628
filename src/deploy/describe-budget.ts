import { CfnMapping, type Stack, Tokenization } from 'aws-cdk-lib';
import { describesPerSecond } from '../functions/statuses/making-up.ts';

/**
 * DescribeExecution in most Regions: calls at once, and further calls a second, for the account.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const quota = { burst: 250, rate: 10 };

/** What the functions take of it: one runs at its pace, the other describes now and then. */
const functions = { burst: 50, rate: describesPerSecond + 1 };

/** With more tasks, a task's share would be less than the service can be set to. */
export const mostTasks = 60;

/**
 * The settings that keep all tasks together within the quota: an equal share each.
 *
 * @param maxTasks a parameter of the stack; CloudFormation cannot divide, so that the shares are in
 *   the template
 */
export function describeBudget(stack: Stack, maxTasks: number) {
  const shares = new CfnMapping(stack, 'DescribeBudgets');
  for (let tasks = 1; tasks <= mostTasks; tasks += 1) {
    const rate = Math.floor(((quota.rate - functions.rate) / tasks) * 1000) / 1000;
    shares.setValue(String(tasks), 'rate', String(rate));
    const burst = Math.floor((quota.burst - functions.burst) / tasks);
    shares.setValue(String(tasks), 'burst', String(burst));
  }
  const tasks = Tokenization.stringifyNumber(maxTasks);
  return {
    DESCRIBE_RATE: shares.findInMap(tasks, 'rate'),
    DESCRIBE_BURST: shares.findInMap(tasks, 'burst'),
  };
}
