import { buildConnector } from 'undici';
import { ConnectFailure } from './connect-failure.ts';

/**
 * Opens connections for undici, TLS included, and fails with {@link ConnectFailure}.
 *
 * @param timeoutMilliseconds for one attempt
 */
export function createConnector(timeoutMilliseconds: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMilliseconds });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(new ConnectFailure(error), null);
      else callback(error, socket);
    });
}
