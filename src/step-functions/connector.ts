import { buildConnector } from 'undici';

const failures = new WeakSet<Error>();

/**
 * Opens connections for undici, TLS included, and remembers which errors were in the way of one:
 * nothing can have been sent before. Their codes would not tell, as a router can end a connection
 * that is open with the same ones.
 *
 * @param timeoutMilliseconds for one attempt
 */
export function createConnector(timeoutMilliseconds: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMilliseconds });
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error] = outcome;
      if (error) failures.add(error);
      callback(...outcome);
    });
}

/** Whether this error kept a connection of {@link createConnector} from coming about. */
export function isConnectFailure(error: Error): boolean {
  return failures.has(error);
}
