import { useEffect, useState } from 'preact/hooks';
import type { Way } from '../exchange.ts';
import { getJson } from './api.ts';

/** The URLs of the service and Step Functions, and the routes that start an onboarding. */
export interface Service {
  readonly url: string;
  readonly stepFunctionsUrl: string;
  /** When the recording of executions began. */
  readonly startDate: string;
  readonly ways: Readonly<Record<Way, string>>;
}

export function useService(): Service | undefined {
  const [service, setService] = useState<Service>();
  useEffect(() => {
    getJson<Service>('/api/service').then(setService, () => undefined);
  }, []);
  return service;
}
