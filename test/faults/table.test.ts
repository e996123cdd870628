import { expect, test } from 'vitest';
import { type RunningApp, startApp } from '../support/app.ts';
import { callRoute, operationOf, type Route, type RouteResponse } from '../support/call-route.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { internal, type Row, table } from './table.ts';

const routes: readonly Route[] = ['sync', 'start', 'status'];

const rows = table.map((row): [what: string, outcomes: string, row: Row] => [
  row.what,
  Object.entries(row.expected)
    .map(([route, [outcome]]) => `${route} ${outcome}`)
    .join(', '),
  row,
]);

test.concurrent.for(rows)('Step Functions %s: %s', { timeout: 30_000 }, async ([, , row]) => {
  const stub = await startStepFunctionsStub({ script: scriptOf(row) });
  const app = await startApp(stub.url, row.settings);
  const check = async (route: Route): Promise<readonly RouteResponse[]> => {
    const expected = row.expected[route];
    if (!expected) return [];
    const response = await callRoute(app.url, route);
    expect([route, response.outcome, stub.calls(operationOf[route])]).toEqual([route, ...expected]);
    expectFitForCallers(response);
    return [response];
  };
  try {
    const responses = await Promise.all(routes.map(check));
    await app.close();
    for (const response of responses.flat()) expectOneLogLine(app, response);
  } finally {
    await app.close();
    await stub.close();
  }
});

function scriptOf({ script }: Row) {
  return typeof script === 'function' ? script : () => script;
}

/** The response reveals nothing of AWS, and a 503 says when to retry. */
function expectFitForCallers({ status, headers, text }: RouteResponse): void {
  if (status < 400) return;
  expect(text).not.toMatch(/Exception|ECONN|ENOTFOUND|UND_ERR|arn:|\n +at /);
  expect(text).not.toContain(internal);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  expect(JSON.parse(text).instance).toBe(headers.get('x-request-id'));
  expect(headers.get('retry-after')).toEqual(
    status === 503 ? expect.stringMatching(/^\d+$/) : null,
  );
}

/** One line, at level error with the cause unless the cause is a limit of our own. */
function expectOneLogLine({ log }: RunningApp, { outcome, status, headers }: RouteResponse): void {
  const lines = log.filter(({ requestId }) => requestId === headers.get('x-request-id'));
  const [, problem] = outcome.split(' ');
  const hasCause = status >= 500 && problem !== 'sync-deadline-exceeded';
  expect(lines).toMatchObject([{ status, level: hasCause ? 50 : 30, ...(problem && { problem }) }]);
  expect('err' in (lines[0] ?? {})).toBe(hasCause);
}
