import type { Problem } from '../../../src/http/problem-details/problem.ts';
import {
  cancelProblems,
  startProblems,
  statusProblems,
  syncProblems,
} from '../../../src/onboarding/documented-problems.ts';
import { problemOf } from '../../../src/onboarding/problem-of.ts';

const documented = (problems: readonly Problem[]) => {
  const slugs = new Set(problems.map(({ type }) => type.slug));
  return (error: unknown): boolean => slugs.has(problemOf(error)?.type.slug ?? '');
};

/** Whether an error becomes a problem that the OpenAPI document has for the route. */
export const isDocumented = {
  cancel: documented(cancelProblems),
  status: documented(statusProblems),
  start: documented(startProblems),
  sync: documented(syncProblems),
};
