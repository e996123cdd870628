import { useEffect, useState } from 'preact/hooks';
import type { Way } from '../exchange.ts';
import { getJson } from './api.ts';

/** Where the service and Step Functions listen, and the routes of the three ways in. */
export interface Service {
  readonly url: string;
  readonly stepFunctionsUrl: string;
  /** When the console began to record. */
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
