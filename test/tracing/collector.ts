import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { listen } from '../support/listen.ts';

const attribute = z.object({
  key: z.string(),
  value: z
    .looseObject({ stringValue: z.string().optional(), intValue: z.coerce.number().optional() })
    .transform(({ stringValue, intValue }) => stringValue ?? intValue),
});
const span = z.object({
  name: z.string(),
  /** 2: server, 3: client. */
  kind: z.number(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  /** 2: error. */
  status: z.object({ code: z.number().default(0), message: z.string().optional() }),
  events: z.array(z.unknown()).default([]),
  attributes: z
    .array(attribute)
    .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, value]))),
});
export type ReceivedSpan = z.infer<typeof span>;

const request = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});

/** Receives traces by OTLP over HTTP, and parses those in JSON. */
export async function startCollector() {
  const received: { readonly contentType: string | undefined; readonly body: string }[] = [];
  const server = createServer(async (message, response) => {
    received.push({ contentType: message.headers['content-type'], body: await text(message) });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  onTestFinished(() => void server.close());
  return {
    url: await listen(server),
    received,
    spans: (): ReceivedSpan[] =>
      received.flatMap(({ body }) =>
        request
          .parse(JSON.parse(body))
          .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  };
}
