/** A response of SNS. */
export interface SnsResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Returns the text of the first XML element with this name, or an empty string. */
  elementOf(name: string): string;
}

/** Calls an operation of SNS with the AWS Query protocol. */
export async function callSns(
  url: string,
  action: string,
  parameters: Iterable<[string, string]>,
  signal?: AbortSignal,
): Promise<SnsResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: signature },
    body: new URLSearchParams([['Action', action], ['Version', '2010-03-31'], ...parameters]),
    ...(signal && { signal }),
  });
  const xml = await response.text();
  return {
    status: response.status,
    ok: response.ok,
    headers: Object.fromEntries(response.headers),
    elementOf: (name) => elementOf(xml, name),
  };
}

/** fauxqs reads the Region from the signature and does not verify it. */
const signature =
  'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=local';

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function elementOf(xml: string, name: string): string {
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return content.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity);
}
