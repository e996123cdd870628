import { onTestFinished } from 'vitest';
import { type Environment, type RunningApp, startApp } from './app.ts';
import { type StubOptions, startStepFunctionsStub } from './step-functions-stub/stub.ts';

/** Closes it when the test finishes, in reverse order of the calls. */
export function closeAfterwards(started: { close(): Promise<void> }): void {
  onTestFinished(() => started.close());
}

/** Production's own app with Step Functions out of reach; it closes when the test finishes. */
export async function startUnconnected(settings: Environment = {}): Promise<RunningApp> {
  const app = await startApp('http://127.0.0.1:1', settings);
  closeAfterwards(app);
  return app;
}

/** Production's own app in front of a stub; both close when the test finishes. */
export async function startBehind(stubOptions: StubOptions, settings: Environment = {}) {
  const stub = await startStepFunctionsStub(stubOptions);
  closeAfterwards(stub);
  const app = await startApp(stub.url, settings);
  closeAfterwards(app);
  return { stub, app, url: app.url };
}
