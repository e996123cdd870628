import { expect, test } from 'vitest';
import { type RunningApp, startApp } from '../support/app.ts';
import { type Answer, ask, operationOf, type Route } from '../support/ask.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { internal, type Row, table } from './table.ts';

const routes: readonly Route[] = ['sync', 'start', 'status'];

test.concurrent.for(table)('Step Functions $what', { timeout: 30_000 }, async (row) => {
  const stub = await startStepFunctionsStub({ script: scriptOf(row) });
  const app = await startApp(stub.url, row.settings);
  const check = async (route: Route): Promise<readonly Answer[]> => {
    const expected = row.expected[route];
    if (!expected) return [];
    const answer = await ask(app.url, route);
    expect([route, answer.answer, stub.calls(operationOf[route])]).toEqual([route, ...expected]);
    expectAnswerForCallers(answer);
    return [answer];
  };
  try {
    const answers = await Promise.all(routes.map(check));
    await app.close();
    for (const answer of answers.flat()) expectOneLogLine(app, answer);
  } finally {
    await app.close();
    await stub.close();
  }
});

function scriptOf({ script }: Row) {
  return typeof script === 'function' ? script : () => script;
}

/** Nothing of AWS's, and when to come back. */
function expectAnswerForCallers({ status, headers, text }: Answer): void {
  if (status < 400) return;
  expect(text).not.toMatch(/Exception|ECONN|ENOTFOUND|UND_ERR|arn:|\n +at /);
  expect(text).not.toContain(internal);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  expect(JSON.parse(text).instance).toBe(headers.get('x-request-id'));
  expect(headers.get('retry-after')).toEqual(
    status === 503 ? expect.stringMatching(/^\d+$/) : null,
  );
}

/** With the cause and at a level that is heard, unless the cause is a limit of our own. */
function expectOneLogLine({ log }: RunningApp, { answer, status, headers }: Answer): void {
  const lines = log.filter(({ requestId }) => requestId === headers.get('x-request-id'));
  const [, problem] = answer.split(' ');
  const hasCause = status >= 500 && problem !== 'sync-deadline-exceeded';
  expect(lines).toMatchObject([{ status, level: hasCause ? 50 : 30, ...(problem && { problem }) }]);
  expect('err' in (lines[0] ?? {})).toBe(hasCause);
}
