import { buildApp } from 'fauxqs';
import {
  deadLetterQueueOf,
  maxReceiveCount,
  type Queue,
  type Resources,
  type Topic,
} from '../workflow/resources.ts';
import { callAwsJson } from './aws-json.ts';
import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from './loopback-server.ts';
import { refuseBrowsers } from './refuse-browsers.ts';
import { callSns } from './sns-query.ts';
import { allowAllCharacters } from './sqs-characters.ts';
import type { Json } from './states-language/execution.ts';

export interface Sqs extends LoopbackServer {
  /** By the queues' keys in `src/workflow/resources.ts`. */
  readonly queueUrls: ReadonlyMap<string, string>;
  /** By the topics' keys in `src/workflow/resources.ts`. */
  readonly topicArns: ReadonlyMap<string, string>;
}

const operationsThatReturnQueueUrls = new Set([
  'AmazonSQS.CreateQueue',
  'AmazonSQS.GetQueueUrl',
  'AmazonSQS.ListQueues',
]);

/**
 * Starts SQS with empty queues, each with its dead-letter queue, and SNS with topics, all in memory.
 *
 * @throws {PortUnavailable}
 */
export async function startSqs(
  port: LoopbackPort,
  { queues, topics }: Pick<Resources, 'queues' | 'topics'>,
  consoleUrl: string | undefined,
): Promise<Sqs> {
  await allowAllCharacters();
  await using starting = new AsyncDisposableStack();
  const app = buildApp({ logger: false });
  // fauxqs names queues under sqs.<region>.localhost, which many machines cannot resolve.
  app.addHook('onSend', async (request, _reply, payload) => {
    const target = String(request.headers['x-amz-target']);
    return typeof payload === 'string' && operationsThatReturnQueueUrls.has(target)
      ? payload.replaceAll(/http:\/\/sqs\.[\w-]+\.localhost:/g, 'http://127.0.0.1:')
      : payload;
  });
  starting.defer(() => app.close());
  await app.ready();
  const page = {
    service: 'SQS',
    command: (url: string) => `aws sqs list-queues --endpoint-url ${url}`,
    consoleUrl,
  };
  const server = await serveOnLoopback(refuseBrowsers(app.routing, page), port);
  starting.defer(() => server.close());
  const queueUrls = await Promise.all(
    Object.entries(queues).map(
      async ([key, queue]) => [key, await createWithDeadLetters(server.url, queue)] as const,
    ),
  );
  const topicArns = await Promise.all(
    Object.entries(topics).map(
      async ([key, topic]) => [key, await createTopic(server.url, topic)] as const,
    ),
  );
  const started = starting.move();
  return {
    url: server.url,
    queueUrls: new Map(queueUrls),
    topicArns: new Map(topicArns),
    close: () => started.disposeAsync(),
  };
}

async function createWithDeadLetters(url: string, queue: Queue): Promise<string> {
  const deadLetterQueue = deadLetterQueueOf(queue.name);
  await createQueue(url, deadLetterQueue, {});
  return createQueue(url, queue.name, {
    RedrivePolicy: JSON.stringify({
      // fauxqs always uses this account id.
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${deadLetterQueue}`,
      maxReceiveCount,
    }),
  });
}

async function createQueue(
  url: string,
  name: string,
  attributes: Record<string, Json>,
): Promise<string> {
  const { body } = await callAwsJson(url, 'AmazonSQS.CreateQueue', {
    QueueName: name,
    Attributes: attributes,
  });
  if (typeof body.QueueUrl !== 'string') throw new Error(`SQS did not create the queue ${name}.`);
  return body.QueueUrl;
}

async function createTopic(url: string, { name }: Topic): Promise<string> {
  const { ok, elementOf } = await callSns(url, 'CreateTopic', [['Name', name]]);
  if (!ok) throw new Error(`SNS did not create the topic ${name}: ${elementOf('Message')}`);
  return elementOf('TopicArn');
}
