import type { StepKind, StepRow, StepRows, StepView } from '../view.ts';

export function toRows(steps: readonly StepView[]): StepRows {
  const start = steps[0]?.entered ?? 0;
  const kinds: StepKind[] = [];
  const indexes = new Map<string, number>();
  const kindOf = ({ name, type, status, attempts, error, within }: StepView): number => {
    const key = `${name}\n${status}\n${attempts}\n${error}\n${within}`;
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, kinds.length);
    return kinds.push({ name, type, status, attempts, error, within }) - 1;
  };
  const rows = steps.map((step): StepRow => {
    const { id, lastEventId, entered, exited, before = null, iteration, pastAttempts } = step;
    const took = exited === undefined ? null : exited - entered;
    const row = [kindOf(step), id, lastEventId - id, entered - start, took, before] as const;
    if (iteration === undefined && pastAttempts === undefined) return row;
    return [...row, { iteration, pastAttempts }];
  });
  return { start, kinds, rows };
}

/** A step that refers to other steps by `T`. */
type StepFrom<T> = Omit<StepView, 'within' | 'before'> & {
  readonly within: T | undefined;
  readonly before: T | undefined;
};

/** @param find returns the step with an id. A step may refer to those that were returned before it. */
export function* fromRows<T>(
  { start, kinds, rows }: StepRows,
  find: (id: number) => T | undefined,
): Generator<StepFrom<T>> {
  for (const [index, id, last, entered, took, before, more] of rows) {
    const kind = kinds[index];
    if (kind === undefined) continue;
    yield {
      id,
      lastEventId: id + last,
      name: kind.name,
      type: kind.type,
      status: kind.status,
      entered: start + entered,
      exited: took === null ? undefined : start + entered + took,
      attempts: kind.attempts,
      error: kind.error,
      within: kind.within === undefined ? undefined : find(kind.within),
      iteration: more?.iteration,
      before: before === null ? undefined : find(before),
      pastAttempts: more?.pastAttempts,
    };
  }
}
