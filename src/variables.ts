import { z } from 'zod';

/** Schema of a variable that contains a decimal number. */
export const decimal = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));

/** Schema of a variable that contains a whole number. */
export const whole = (minimum: number, maximum: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(minimum).max(maximum));

/** Schema of a variable that contains a list separated by commas. */
export const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item));
