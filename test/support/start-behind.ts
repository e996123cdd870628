import { onTestFinished } from 'vitest';
import { type Environment, startApp } from './app.ts';
import { type StubOptions, startStepFunctionsStub } from './step-functions-stub/stub.ts';

/** Closes it when the test is over, the last one first. */
export function closeAfterwards(started: { close(): Promise<void> }): void {
  onTestFinished(() => started.close());
}

/** Production's own app in front of a stub; both are closed when the test is over. */
export async function startBehind(stubOptions: StubOptions, settings: Environment = {}) {
  const stub = await startStepFunctionsStub(stubOptions);
  closeAfterwards(stub);
  const app = await startApp(stub.url, settings);
  closeAfterwards(app);
  return { stub, app, url: app.url };
}
