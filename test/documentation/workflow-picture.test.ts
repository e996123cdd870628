import { expect, test } from 'vitest';
import { workflowPicture } from '../../src/documentation/workflow-picture.ts';

test('the picture has every transition once, with what leads to it', () => {
  const picture = workflowPicture({
    States: {
      Check: { Type: 'Choice', Choices: [{ Next: 'Fail' }, { Next: 'Fail' }], Default: 'Save' },
      Save: { Type: 'Task', Next: 'Done', Catch: [{ ErrorEquals: ['A', 'B'], Next: 'Fail' }] },
      Fail: { Type: 'Fail' },
      Done: { Type: 'Succeed' },
    },
  });
  expect(picture).toBe(`flowchart LR
  Check -->|"default"| Save
  Check --> Fail
  Save --> Done
  Save -->|"A, B"| Fail
`);
});

test('the states inside a Parallel or Map are drawn in it', () => {
  const picture = workflowPicture({
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          { States: { Mail: { Type: 'Task' } } },
          { States: { Wait: { Type: 'Wait', Next: 'Call' }, Call: { Type: 'Task' } } },
        ],
        Next: 'Each',
      },
      Each: { Type: 'Map', ItemProcessor: { States: { Save: { Type: 'Task' } } } },
    },
  });
  expect(picture).toBe(`flowchart LR
  subgraph Both
    Mail
    Wait --> Call
  end
  Both --> Each
  subgraph Each
    Save
  end
`);
});
