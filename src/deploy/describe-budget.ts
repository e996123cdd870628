import { CfnMapping, type Stack, Tokenization } from 'aws-cdk-lib';
import { describesPerSecond } from '../functions/statuses/recovery.ts';

/**
 * DescribeExecution in most Regions: calls at once, and further calls a second, for the account.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const quota = { burst: 250, rate: 10 };

/** What the functions take of it: one runs at its pace, the other describes now and then. */
const functions = { burst: 50, rate: describesPerSecond + 1 };

/** With more processes, the share of each would be less than the service can be set to. */
export const mostProcesses = 60;

/**
 * The settings that keep all processes together within the quota: an equal share each.
 *
 * @param maxProcesses a parameter of the stack; CloudFormation cannot divide, so that the shares are
 *   in the template
 */
export function describeBudget(stack: Stack, maxProcesses: number) {
  const shares = new CfnMapping(stack, 'DescribeBudgets');
  for (let processes = 1; processes <= mostProcesses; processes += 1) {
    const rate = Math.floor(((quota.rate - functions.rate) / processes) * 1000) / 1000;
    shares.setValue(String(processes), 'rate', String(rate));
    const burst = Math.floor((quota.burst - functions.burst) / processes);
    shares.setValue(String(processes), 'burst', String(burst));
  }
  const processes = Tokenization.stringifyNumber(maxProcesses);
  return {
    DESCRIBE_RATE: shares.findInMap(processes, 'rate'),
    DESCRIBE_BURST: shares.findInMap(processes, 'burst'),
  };
}
