import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { Agent, request } from 'node:http';

interface Credentials {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

type Members = Readonly<Record<string, unknown>>;

const contentType = 'application/x-amz-json-1.0';
const signedHeaders = 'content-type;host;x-amz-date;x-amz-target';

/** Calls Step Functions with `node:http` and a signature, and nothing else. */
export function createSignedCalls(endpoint: string, credentials: Credentials) {
  const { hostname, port, host } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  const sign = createSigner(host, credentials);

  return (operation: string, members: Members): Promise<Members> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(members);
      const target = `AWSStepFunctions.${operation}`;
      const { date, authorization } = sign(target, body);
      const headers = {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        host,
        'x-amz-date': date,
        'x-amz-target': target,
        authorization,
      };
      request({ agent, hostname, port, method: 'POST', path: '/', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(text));
        });
      })
        .on('error', reject)
        .end(body);
    });
}

/** Signature Version 4 of a POST of AWS JSON; the signing key is derived once a day. */
function createSigner(host: string, { region, accessKeyId, secretAccessKey }: Credentials) {
  let key = { day: '', secret: createSecretKey('', 'utf8') };

  function keyOf(day: string) {
    if (key.day !== day) {
      const bytes = [day, region, 'states', 'aws4_request'].reduce<Buffer>(
        (secret, part) => createHmac('sha256', secret).update(part).digest(),
        Buffer.from(`AWS4${secretAccessKey}`),
      );
      key = { day, secret: createSecretKey(bytes) };
    }
    return key.secret;
  }

  return (target: string, body: string) => {
    const date = new Date().toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const day = date.slice(0, 8);
    const scope = `${day}/${region}/states/aws4_request`;
    const canonical = `POST\n/\n\ncontent-type:${contentType}\nhost:${host}\nx-amz-date:${date}\nx-amz-target:${target}\n\n${signedHeaders}\n${sha256(body)}`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`;
    const signature = createHmac('sha256', keyOf(day)).update(text).digest('hex');
    return {
      date,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    };
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
