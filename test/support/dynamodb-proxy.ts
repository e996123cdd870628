import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from './listen.ts';

/** What happens to a call. Only `none` and `lost`, which loses the response, carry it out. */
export type TableFault = 'none' | 'lost' | 'refused' | 'throttled' | 'hanging' | 'nonsense';

/**
 * A proxy in front of DynamoDB at `target` that injects faults: the one that `faultOf` returns for
 * a call, by its operation and number, or else the one in `state`.
 */
export async function startDynamoDbProxy(
  target: string,
  faultOf?: (operation: string, call: number) => TableFault,
) {
  const state: { fault: TableFault } = { fault: 'none' };
  let calls = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    calls += 1;
    const fault = faultOf?.(operation, calls) ?? state.fault;
    switch (fault) {
      case 'lost':
      case 'none': {
        const headers = { ...request.headers, host: new URL(target).host };
        const passedOn = await fetch(target, { method: 'POST', body, headers: pick(headers) });
        const received = Buffer.from(await passedOn.arrayBuffer());
        if (fault === 'lost') request.socket.resetAndDestroy();
        else {
          response
            .writeHead(passedOn.status, { 'content-type': 'application/x-amz-json-1.0' })
            .end(received);
        }
        return;
      }
      case 'refused':
        request.socket.resetAndDestroy();
        return;
      case 'throttled':
        response
          .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
          .end(
            '{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}',
          );
        return;
      case 'nonsense':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
        return;
      case 'hanging':
        return;
      default:
        fault satisfies never;
    }
  }

  const server = createServer((request, response) => void respond(request, response));
  return {
    url: await listen(server),
    state,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Keeps only the headers that DynamoDB reads. */
function pick(headers: IncomingMessage['headers']): Record<string, string> {
  const names = ['authorization', 'x-amz-target', 'x-amz-date', 'content-type', 'host'];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}
