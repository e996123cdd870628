import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../.github/workflows/', import.meta.url);

test.each(readdirSync(folder))(
  '%s pins its actions, limits its permissions and runs .ci/run',
  (name) => {
    const workflow = readFileSync(new URL(name, folder), 'utf8');
    const actions = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions)
      expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(workflow).toMatch(/^permissions:(?: \{\}|\n {2}contents: read)\n/m);
    expect(workflow).toContain('run: .ci/run');
  },
);
