import type { IncomingHttpHeaders } from 'node:http';

// W3C Trace Context, level 1: version, trace id, parent id, flags. Later versions may append to it.
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})/;
const nothing = /^0+$/;

/**
 * Returns the trace of a request in the form of `traceHeader` of StartExecution and
 * StartSyncExecution, so that the execution joins the trace in AWS X-Ray. `undefined` without a
 * well-formed trace header.
 *
 * `traceparent` takes precedence: a load balancer adds `X-Amzn-Trace-Id` to every request that lacks
 * it, so only `traceparent` certainly comes from the caller. X-Ray accepts a W3C trace id split in
 * two; see "Sending trace data to AWS X-Ray" in its developer guide.
 */
export function traceHeaderOf(headers: IncomingHttpHeaders): string | undefined {
  return fromTraceparent(headers.traceparent) ?? fromXRay(headers['x-amzn-trace-id']);
}

function fromTraceparent(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const [match, time = '', rest = '', parent = '', flags = ''] = traceparent.exec(text) ?? [];
  if (match === undefined || nothing.test(time + rest) || nothing.test(parent)) return undefined;
  // Version 00 ends after the flags. Later versions may continue, after a dash.
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

/** Passes on known fields only, since other fields may contain any text. */
function fromXRay(text: string | string[] | undefined): string | undefined {
  if (typeof text !== 'string') return undefined;
  const values = new Map(
    text.split(';').map((field) => {
      const [name = '', value = ''] = field.split('=', 2);
      return [name.trim(), value.trim()];
    }),
  );
  const fields = Object.entries(fieldsOfXRay).flatMap(([name, pattern]) => {
    const value = values.get(name) ?? '';
    return pattern.test(value) ? [`${name}=${value}`] : [];
  });
  return fields[0]?.startsWith('Root=') ? fields.join(';') : undefined;
}
