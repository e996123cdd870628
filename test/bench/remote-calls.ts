import { z } from 'zod';

/** A call from one process of the benchmark to another, over the channel that `fork` opens. */
const callSchema = z.object({
  id: z.int(),
  operation: z.string(),
  details: z.unknown().optional(),
});

export const replySchema = z.object({
  id: z.int(),
  // JSON leaves `undefined` out.
  result: z.unknown().optional(),
  error: z.string().optional(),
});

/** Serves calls of these operations, for as long as the parent process lives. */
export function serveCalls(
  operations: Readonly<Record<string, (details: unknown) => unknown>>,
): void {
  process.on('message', async (message) => {
    const { id, operation, details } = callSchema.parse(message);
    try {
      process.send?.({ id, result: await operations[operation]?.(details) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}
