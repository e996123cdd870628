import { expect, test } from 'vitest';
import { fromRows, toRows } from '../../../src/local-aws/console/page/step-rows.ts';
import type { StepRows, StepView } from '../../../src/local-aws/console/view.ts';

const rest = {
  exited: undefined,
  error: undefined,
  within: undefined,
  iteration: undefined,
  before: undefined,
  pastAttempts: undefined,
};
const map: StepView = {
  ...rest,
  id: 2,
  lastEventId: 40,
  name: 'Each',
  type: 'Map',
  status: 'RUNNING',
  entered: 1_762_770_600_000,
  attempts: 1,
};
const inside: StepView = {
  ...rest,
  id: 5,
  lastEventId: 9,
  name: 'One',
  type: 'Task',
  status: 'FAILED',
  entered: 1_762_770_600_020,
  exited: 1_762_770_601_050,
  attempts: 2,
  error: 'TypeError',
  within: 2,
  iteration: 0,
  before: 4,
  pastAttempts: [{ until: 1_762_770_600_030, isWait: false }],
};

const decoded = (rows: StepRows) => [...fromRows(rows, (id) => id)];

test('steps are the same after they are sent as rows', () => {
  const steps = [map, inside, { ...inside, id: 12, lastEventId: 12, iteration: 1, before: 5 }];
  expect(decoded(JSON.parse(JSON.stringify(toRows(steps))))).toEqual(steps);
  expect(decoded(toRows([]))).toEqual([]);
});

test('a row of a loop takes less than 40 bytes', () => {
  const count = 7000;
  const steps = Array.from({ length: count }, (_, index): StepView => {
    const id = 4 * index;
    return { ...map, id, lastEventId: id + 1, exited: map.entered + index, before: id - 4 };
  });
  expect(JSON.stringify(toRows(steps)).length).toBeLessThan(40 * count);
});
