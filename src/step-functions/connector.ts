import { buildConnector } from 'undici';
import { ConnectFailure } from './connect-failure.ts';

/**
 * Returns undici's connector, TLS included, whose errors are {@link ConnectFailure}s.
 *
 * @param timeoutMilliseconds the timeout of one attempt
 */
export function createConnector(timeoutMilliseconds: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMilliseconds });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(new ConnectFailure(error), null);
      else callback(error, socket);
    });
}
