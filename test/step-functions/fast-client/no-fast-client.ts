/** Replaces the fast client where tests and the benchmark use the unchanged client of the SDK. */
export function makeFast(): void {}
