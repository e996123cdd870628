import { useEffect, useState } from 'preact/hooks';
import type { Way } from '../exchange.ts';
import type { RequestField } from '../view.ts';
import { getJson } from './api.ts';

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

export function useService(): Service | undefined {
  const [service, setService] = useState<Service>();
  useEffect(() => {
    getJson<Service>('/api/service').then(setService, () => undefined);
  }, []);
  return service;
}
