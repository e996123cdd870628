import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { whole } from '../variables.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether the host is a loopback address, reachable only from this machine. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version === 0) return address === 'localhost';
  return loopback.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

const endpoint = z.string().transform((text, context) => {
  const { host, port } = /^(?<host>.+):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  context.issues.push({ code: 'custom', input: text });
  return z.NEVER;
});

/** The environment variables of {@link ListenAddress}. `environmentSchema` explains the metadata. */
export const listenVariables = {
  HOST: z.string().default('127.0.0.1').meta({
    title: 'an address to listen on',
    description:
      'Address to listen on; `localhost` means 127.0.0.1. Any address other than loopback requires authentication, or AUTH=none',
  }),
  PORT: whole(0, 65_535).default(3000).meta({
    title: 'a whole number from 0 to 65535',
    description: 'Port to listen on; 0 takes a free port',
  }),
  // https://docs.aws.amazon.com/lambda/latest/dg/web-functions-revisions-env-vars.html
  AWS_LAMBDA_HTTP_ENDPOINT: endpoint.optional().meta({
    title: 'an address and a port, like 0.0.0.0:3000',
    description: 'Set by AWS Lambda for a web function; replaces HOST and PORT',
    unset: '`HOST` and `PORT`',
  }),
};

/** Returns the address to listen on. */
export function listenAddress(
  variables: z.infer<z.ZodObject<typeof listenVariables>>,
): ListenAddress {
  const { host, port } = variables.AWS_LAMBDA_HTTP_ENDPOINT ?? {
    host: variables.HOST,
    port: variables.PORT,
  };
  // For `localhost`, Fastify opens a second server, which lacks the listeners of the first.
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}
