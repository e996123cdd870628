import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import { functions } from '../../src/workflow/resources.ts';
import { startAround } from '../functions/start-function.ts';
import { statusChangeEvent } from '../functions/status-change-event.ts';
import { outputFolder } from './template.ts';

const folder = outputFolder();
const filesIn = (path: string) =>
  readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' });

test('the rules of the CDK and cdk-nag find nothing that is not acknowledged', () => {
  // Findings are printed, and thrown as one error.
  expect(() => deployment().app.synth()).not.toThrow();
}, 120_000);

async function bundleOf(FunctionName: string) {
  const files = filesIn('').filter((path) => path.endsWith('.template.json'));
  const [lambda] = files.flatMap((file) => {
    const template = Template.fromJSON(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const lambdas = template.findResources('AWS::Lambda::Function', {
      Properties: { FunctionName },
    });
    return Object.values(lambdas);
  });
  const hash = lambda?.Properties.Code.S3Key.replace('.zip', '');
  return import(join(folder, `asset.${hash}`, 'index.mjs'));
}

test.each(Object.values(functions))('$name is bundled', async ({ name }) => {
  expect(await bundleOf(name)).toHaveProperty('handler', expect.any(Function));
});

test('a bundle behaves like its module', async () => {
  const { handler } = await bundleOf('user-onboarding-apply-referral');
  await expect(handler({ user: { metadata: { referralCode: 'FRIEND2025' } } })).resolves.toEqual({
    referral: { campaign: 'FRIEND', number: 2025 },
  });
});

test('the bundle of record-status has the clients that it calls AWS with', async () => {
  const { stored } = await startAround();
  const { handler } = await bundleOf('user-onboarding-record-status');
  await handler(statusChangeEvent('a'));
  expect(await stored('a')).toMatchObject({ status: 'RUNNING' });
});

test.each(['user-onboarding-reconcile-statuses', 'own-onboarding-record-status'])(
  '%s is bundled',
  async (name) => {
    expect(await bundleOf(name)).toHaveProperty('handler', expect.any(Function));
  },
);

test('the image is built from the files that production needs, and no others', () => {
  const assets = filesIn('').filter((path) => /^asset\.\w+$/.test(path));
  const image = assets.map(filesIn).find((files) => files.includes('Dockerfile'));
  expect(image).toEqual(
    expect.arrayContaining(['package.json', 'package-lock.json', '.npmrc', 'src/main.ts']),
  );
  const top = image?.filter((path) => path.split('/').length <= 2);
  expect(top).not.toEqual(expect.arrayContaining([expect.stringMatching(developmentOnly)]));
});

const developmentOnly =
  /^(node_modules|test|config|\.env|\.git|src\/(deploy|functions|local-aws|workflow))/;
