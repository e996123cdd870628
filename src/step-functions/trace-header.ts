import type { IncomingHttpHeaders } from 'node:http';

// W3C Trace Context, level 1: version, trace id, parent id, flags. Later versions may add to it.
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})/;
const nothing = /^0+$/;

/**
 * The trace that a caller's request belongs to, as StartExecution and StartSyncExecution take it in
 * `traceHeader`, so that the execution joins it in AWS X-Ray. `undefined` where there is none, or
 * none that is well formed.
 *
 * `traceparent` comes first: a load balancer adds its own `X-Amzn-Trace-Id` to every request that
 * has none, so only `traceparent` is sure to be the caller's. X-Ray takes a W3C trace id as it is,
 * cut in two; see "Sending trace data to AWS X-Ray" in its developer guide.
 */
export function traceHeaderOf(headers: IncomingHttpHeaders): string | undefined {
  return fromTraceparent(headers.traceparent) ?? fromXRay(headers['x-amzn-trace-id']);
}

function fromTraceparent(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const [match, time = '', rest = '', parent = '', flags = ''] = traceparent.exec(text) ?? [];
  if (match === undefined || nothing.test(time + rest) || nothing.test(parent)) return undefined;
  // What follows the flags belongs to a later version than 00, and after a dash.
  if (text.length > match.length && (text.startsWith('00') || text[match.length] !== '-')) {
    return undefined;
  }
  const isSampled = Number.parseInt(flags, 16) & 1;
  return `Root=1-${time}-${rest};Parent=${parent};Sampled=${isSampled}`;
}

const fieldsOfXRay: Readonly<Record<string, RegExp>> = {
  Root: /^1-[0-9a-f]{8}-[0-9a-f]{24}$/,
  Parent: /^[0-9a-f]{16}$/,
  Sampled: /^[01]$/,
};

/** Only the fields that are understood are passed on: the rest is the caller's text. */
function fromXRay(text: string | string[] | undefined): string | undefined {
  if (typeof text !== 'string') return undefined;
  const given = new Map(
    text.split(';').map((field) => {
      const [name = '', value = ''] = field.split('=', 2);
      return [name.trim(), value.trim()];
    }),
  );
  const fields = Object.entries(fieldsOfXRay).flatMap(([name, pattern]) => {
    const value = given.get(name) ?? '';
    return pattern.test(value) ? [`${name}=${value}`] : [];
  });
  return fields[0]?.startsWith('Root=') ? fields.join(';') : undefined;
}
