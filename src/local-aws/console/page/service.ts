import type { Way } from '../exchange.ts';
import type { RequestField } from '../view.ts';
import { useJson } from './use-json.ts';

/** The URLs of the service and Step Functions, and how to start an onboarding. */
export interface Service {
  readonly url: string;
  readonly stepFunctionsUrl: string;
  /** When the recording of executions began. */
  readonly startDate: string;
  /** The routes. */
  readonly ways: Readonly<Record<Way, string>>;
  /** The fields of a request. */
  readonly fields: readonly RequestField[];
}

/** Reads the service, and again when `isConnected` changes: another process may have started. */
export function useService(isConnected: boolean): Service | undefined {
  return useJson<Service>('/api/service', isConnected).read?.value;
}
