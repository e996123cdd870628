import { z } from 'zod';

/** A problem type of RFC 9457. Its slug ends the `type` URI; its title never varies. */
export interface ProblemType {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
  /** Schemas of its extension members, besides the five members that RFC 9457 defines. */
  readonly members?: z.ZodRawShape;
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members, besides the five that RFC 9457 defines. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log only; the caller never sees it. */
  readonly cause?: unknown;
}

/** An error that is meant for the caller: wherever it is thrown, it becomes the response. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ProblemType;
  /** What was wrong this time, and what to do about it. */
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

/** The body of every error response: problem details as in RFC 9457. */
export const problemDetailsSchema = z.object({
  type: z.string().meta({ description: 'Which kind of problem, as a URI reference' }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: 'What was wrong this time, and what to do' }),
  instance: z.string().meta({ description: 'The request id' }),
});

/** The body of problems of one type. */
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

/** Relative where it is not known where callers reach the service. */
function problemTypeUri({ slug }: ProblemType, publicUrl = ''): string {
  return `${publicUrl}/problems/${slug}`;
}

/** The problem as the body of a response. */
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
