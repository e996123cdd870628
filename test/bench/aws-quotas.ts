/** Default quotas of an account in us-east-1, us-west-2 and eu-west-1: calls at once and a second. */
export const quotas = {
  DescribeExecution: { burst: 300, rate: 15 },
};

/** Settings of a service that uses all of that quota. */
export const quotaSettings = {
  DESCRIBE_BURST: '300',
  DESCRIBE_RATE: '15',
};

/** The default quotas in all other Regions. */
export const commonQuotas = {
  DescribeExecution: { burst: 250, rate: 10 },
};

/** Settings of one of several processes that share these quotas. */
export function sharedQuotaSettings(processes: number) {
  const { burst, rate } = commonQuotas.DescribeExecution;
  return {
    DESCRIBE_BURST: String(Math.floor(burst / processes)),
    DESCRIBE_RATE: (rate / processes).toFixed(1),
  };
}
