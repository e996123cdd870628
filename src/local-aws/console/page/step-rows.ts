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

export function fromRows({ start, kinds, rows }: StepRows): readonly StepView[] {
  return rows.flatMap(([index, id, last, entered, took, before, more]) => {
    const kind = kinds[index];
    if (kind === undefined) return [];
    return {
      id,
      lastEventId: id + last,
      name: kind.name,
      type: kind.type,
      status: kind.status,
      entered: start + entered,
      exited: took === null ? undefined : start + entered + took,
      attempts: kind.attempts,
      error: kind.error,
      within: kind.within,
      iteration: more?.iteration,
      before: before ?? undefined,
      pastAttempts: more?.pastAttempts,
    };
  });
}
