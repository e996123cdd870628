import { z } from 'zod';
import { startChild } from './child.ts';

export const statusTableName = 'user-onboarding-statuses';
export const awsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};

const urlsSchema = z.object({ service: z.string(), functions: z.string() });
/** Calls by operation, and the items that BatchGetItem asked for. */
const countsSchema = z.record(z.string(), z.object({ calls: z.int(), keys: z.int() }));
export type TableCounts = z.infer<typeof countsSchema>;

/** DynamoDB with a status table, in a process of its own. */
export async function startStatusTable() {
  const child = startChild('./servers/dynamodb.ts');
  return {
    urls: await child.ask('urls', null, urlsSchema),
    /** What the service has called since the last time. */
    calls: () => child.ask('calls', null, countsSchema),
    stop: () => child.stop(),
  };
}
