import { z } from 'zod';
import { startChild } from './child.ts';

export const statusTableName = 'user-onboarding-statuses';
export const awsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};

const urlsSchema = z.object({ service: z.string(), functions: z.string() });
/** The calls by operation, and the number of keys in BatchGetItem. */
const countsSchema = z.record(z.string(), z.object({ calls: z.int(), keys: z.int() }));
export type TableCounts = z.infer<typeof countsSchema>;

/** Starts DynamoDB with a status table, in its own process. */
export async function startStatusTable() {
  const child = startChild('./servers/dynamodb.ts');
  return {
    urls: await child.call('urls', null, urlsSchema),
    /** The calls of the service since the last call of this function. */
    calls: () => child.call('calls', null, countsSchema),
    stop: () => child.stop(),
  };
}
