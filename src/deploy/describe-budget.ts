import { CfnMapping, type Stack, Tokenization } from 'aws-cdk-lib';
import { describesPerSecond } from '../functions/statuses/recovery.ts';

/**
 * The quota of DescribeExecution for an account in most Regions: calls at once and calls per second.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const quota = { burst: 250, rate: 10 };

/** The share of the functions: `reconcile-statuses` at its rate, and occasional calls of `record-status`. */
const functionShare = { burst: 50, rate: describesPerSecond + 1 };

/** With more processes, the share of each would be below the minimum of DESCRIBE_RATE. */
export const maxProcessCount = 60;

/**
 * Returns the settings that give each process an equal share of the quota.
 *
 * @param maxProcesses a parameter of the stack. CloudFormation cannot divide, so the template
 *   contains a table of all shares
 */
export function describeBudget(stack: Stack, maxProcesses: number) {
  const shares = new CfnMapping(stack, 'DescribeBudgets');
  for (let processes = 1; processes <= maxProcessCount; processes += 1) {
    const rate = Math.floor(((quota.rate - functionShare.rate) / processes) * 1000) / 1000;
    shares.setValue(String(processes), 'rate', String(rate));
    const burst = Math.floor((quota.burst - functionShare.burst) / processes);
    shares.setValue(String(processes), 'burst', String(burst));
  }
  const processes = Tokenization.stringifyNumber(maxProcesses);
  return {
    DESCRIBE_RATE: shares.findInMap(processes, 'rate'),
    DESCRIBE_BURST: shares.findInMap(processes, 'burst'),
  };
}
