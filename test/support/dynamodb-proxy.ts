import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What happens to a call: `none` passes it on to DynamoDB; the others are ways to fail. */
export type TableFault = 'none' | 'refused' | 'throttled' | 'hanging' | 'nonsense';

/** A proxy in front of DynamoDB at `target` that injects the fault in `state`. */
export async function startDynamoDbProxy(target: string) {
  const state: { fault: TableFault } = { fault: 'none' };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    switch (state.fault) {
      case 'none': {
        const headers = { ...request.headers, host: new URL(target).host };
        const passedOn = await fetch(target, { method: 'POST', body, headers: pick(headers) });
        response
          .writeHead(passedOn.status, { 'content-type': 'application/x-amz-json-1.0' })
          .end(Buffer.from(await passedOn.arrayBuffer()));
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
        state.fault satisfies never;
    }
  }

  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
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
