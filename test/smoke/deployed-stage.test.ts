import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listen } from '../support/listen.ts';
import { findStage } from './deployed-stage.ts';

/** A CloudFormation with one stack that has these outputs. */
async function startCloudFormation(outputs: readonly string[]) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    requests.push(await text(request));
    const members = outputs.map((line) => `<member><OutputValue>${line}</OutputValue></member>`);
    response
      .setHeader('content-type', 'text/xml')
      .end(
        `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
  });
  onTestFinished(() => void server.close());
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', await listen(server));
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  onTestFinished(() => void vi.unstubAllEnvs());
  return requests;
}

const newUserUrl = 'https://abc.execute-api.eu-west-1.amazonaws.com/new-user';

test('a stage is found by the outputs of its stack, and requests to its no-code route are signed', async () => {
  const requests = await startCloudFormation([
    'STATUS_TABLE=dev-user-onboarding-statuses',
    `NEW_USER_URL=${newUserUrl}`,
  ]);
  const target = await findStage('dev', 'https://api.example.com', 'token');
  expect(target).toMatchObject({ statusTable: 'dev-user-onboarding-statuses', newUserUrl });
  expect(new URLSearchParams(requests[0]).get('StackName')).toBe('dev-user-onboarding');
  expect(await target.signedHeaders(newUserUrl, '{}')).toMatchObject({
    authorization: expect.stringMatching(/\/eu-west-1\/execute-api\/aws4_request/),
  });
});

test('the stack of the default stage has no prefix; one without the outputs throws an error', async () => {
  const requests = await startCloudFormation([]);
  await expect(findStage('', 'https://api.example.com', undefined)).rejects.toThrow(
    'The stack user-onboarding has no status table or no-code route: deploy it again.',
  );
  expect(new URLSearchParams(requests[0]).get('StackName')).toBe('user-onboarding');
});
