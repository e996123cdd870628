/** What AWS allows an account in us-east-1, us-west-2 and eu-west-1, at once and each second. */
export const quotas = {
  DescribeExecution: { burst: 300, rate: 15 },
};

/** The service's settings that let it use all of that. */
export const quotaSettings = {
  DESCRIBE_BURST: '300',
  DESCRIBE_RATE: '15',
};
