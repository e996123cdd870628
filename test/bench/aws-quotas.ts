/** What AWS allows an account in us-east-1, us-west-2 and eu-west-1, at once and each second. */
export const quotas = {
  DescribeExecution: { burst: 300, rate: 15 },
};

/** The service's settings that let it use all of that. */
export const quotaSettings = {
  DESCRIBE_BURST: '300',
  DESCRIBE_RATE: '15',
};

/** The same in all other Regions. */
export const commonQuotas = {
  DescribeExecution: { burst: 250, rate: 10 },
};

/** The settings of one of several processes that share them. */
export function sharedQuotaSettings(processes: number) {
  const { burst, rate } = commonQuotas.DescribeExecution;
  return {
    DESCRIBE_BURST: String(Math.floor(burst / processes)),
    DESCRIBE_RATE: (rate / processes).toFixed(1),
  };
}
