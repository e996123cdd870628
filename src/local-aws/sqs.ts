import { buildApp } from 'fauxqs';
import { callAwsJson } from './aws-json.ts';
import {
  type LoopbackPort,
  type LoopbackServer,
  refuseBrowsers,
  serveOnLoopback,
} from './loopback-server.ts';
import type { Json } from './states-language/execution.ts';

export interface Sqs extends LoopbackServer {
  readonly queueUrl: string;
}

const givesQueueUrls = new Set([
  'AmazonSQS.CreateQueue',
  'AmazonSQS.GetQueueUrl',
  'AmazonSQS.ListQueues',
]);

/**
 * Starts SQS with an empty queue and its dead-letter queue, which is named after it with
 * `-dead-letters` behind. All is held in memory.
 *
 * @throws {PortUnavailable}
 */
export async function startSqs(port: LoopbackPort, queueName: string): Promise<Sqs> {
  const app = buildApp({ logger: false });
  // fauxqs names queues under sqs.<region>.localhost, which many machines cannot resolve.
  app.addHook('onSend', async (request, _reply, payload) =>
    typeof payload === 'string' && givesQueueUrls.has(String(request.headers['x-amz-target']))
      ? payload.replaceAll(/http:\/\/sqs\.[\w-]+\.localhost:/g, 'http://127.0.0.1:')
      : payload,
  );
  await app.ready();
  const server = await serveOnLoopback(refuseBrowsers(app.routing), port);
  const createQueue = async (name: string, attributes: Record<string, Json>): Promise<string> => {
    const { body } = await callAwsJson(server.url, 'AmazonSQS.CreateQueue', {
      QueueName: name,
      Attributes: attributes,
    });
    if (typeof body.QueueUrl !== 'string') throw new Error(`SQS made no queue ${name}.`);
    return body.QueueUrl;
  };
  const deadLetterQueue = `${queueName}-dead-letters`;
  await createQueue(deadLetterQueue, {});
  const queueUrl = await createQueue(queueName, {
    RedrivePolicy: JSON.stringify({
      // fauxqs's account is fixed.
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${deadLetterQueue}`,
      maxReceiveCount: 5,
    }),
  });
  return {
    url: server.url,
    queueUrl,
    async close() {
      await server.close();
      await app.close();
    },
  };
}
