/** The names of the executions that a crowd follows. No caller starts or cancels them. */
export const crowdName = (index: number) => `crowd-${index}`;

export const isOfCrowd = (executionArn: string) => executionArn.includes(':crowd-');
