import { z } from 'zod';

/** What one process of the benchmark asks another, over the channel that `fork` opens. */
export const questionSchema = z.object({
  id: z.int(),
  about: z.string(),
  details: z.unknown().optional(),
});

export const replySchema = z.object({
  id: z.int(),
  // JSON leaves `undefined` out.
  answer: z.unknown().optional(),
  error: z.string().optional(),
});

/** Answers each kind of question, one message for one message, for as long as the parent lives. */
export function answerQuestions(
  answers: Readonly<Record<string, (details: unknown) => unknown>>,
): void {
  process.on('message', async (message) => {
    const { id, about, details } = questionSchema.parse(message);
    try {
      process.send?.({ id, answer: await answers[about]?.(details) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}
