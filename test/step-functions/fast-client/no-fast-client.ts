/** Stands in for the fast client where tests and benchmark use the SDK's client as it is. */
export function makeFast(): void {}
