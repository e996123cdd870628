import { z } from 'zod';

/** A problem type (RFC 9457). The `type` URI ends with the slug; the title never varies. */
export interface ProblemType {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
  /** Schemas of its extension members, beyond the five members that RFC 9457 defines. */
  readonly members?: z.ZodRawShape;
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Values of its extension members. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log only; the caller never sees it. */
  readonly cause?: unknown;
}

/** An error that is meant for the caller. Thrown anywhere in a request, it becomes the response. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ProblemType;
  /** What was wrong with this request, and what to do about it. */
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(type: ProblemType, detail: string, extras: ProblemExtras = {}) {
    super(`${type.slug}: ${detail}`, { cause: extras.cause });
    this.type = type;
    this.detail = detail;
    this.extras = extras;
  }
}

export const problemContentType = 'application/problem+json';

/** The body of every error response: problem details (RFC 9457). */
export const problemDetailsSchema = z.object({
  type: z.string().meta({ description: 'The problem type, as a URI reference' }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: 'What was wrong with this request, and what to do' }),
  instance: z.string().meta({ description: 'The request id' }),
});

/** Returns the schema of problems of one type. */
export function problemDetailsSchemaOf(
  type: ProblemType,
  publicUrl: string | undefined,
): z.ZodObject {
  return problemDetailsSchema
    .extend({
      type: z.literal(problemTypeUri(type, publicUrl)),
      status: z.literal(type.status),
      ...type.members,
    })
    .meta({ description: type.title });
}

/** Returns a relative URI reference without a public URL. */
function problemTypeUri({ slug }: ProblemType, publicUrl = ''): string {
  return `${publicUrl}/problems/${slug}`;
}

/** Returns the problem as the body of a response. */
export function problemDetails(
  { type, detail, extras }: Problem,
  requestId: string,
  publicUrl: string | undefined,
) {
  return {
    type: problemTypeUri(type, publicUrl),
    title: type.title,
    status: type.status,
    detail,
    instance: requestId,
    ...extras.members,
  };
}
