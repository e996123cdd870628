import type { z } from 'zod';
import type { callsSchema } from './scenario.ts';
import { percentile } from './statistics.ts';

/** Figures as the table shows them. */
export const count = (value: number) => Math.round(value).toLocaleString('en-US');
export const microseconds = (value: number) => `${Math.round(value)} µs`;
export const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
export const seconds = (value: number) => `${value.toFixed(1)} s`;
export const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
export const ratio = (value: number) => `${value.toFixed(2)}×`;

/** How often each operation was called, as in `DescribeExecution 1,030 (0 throttled)`. */
export function callsText(calls: z.infer<typeof callsSchema>): string {
  return Object.entries(calls)
    .map(
      ([operation, { received, throttled }]) =>
        `${operation} ${count(received)} (${count(throttled)} throttled)`,
    )
    .join(', ');
}

/** The median and the 99th percentile of delays in milliseconds. */
export function delaysText(delays: readonly number[]): string {
  return [0.5, 0.99].map((share) => seconds(percentile(delays, share) / 1000)).join(', ');
}
