import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import { functions } from '../../src/workflow/resources.ts';
import { outputFolder } from './template.ts';

const folder = outputFolder();
const filesIn = (path: string) =>
  readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' });

test("the CDK's own rules and cdk-nag find nothing that is not acknowledged", () => {
  // What they find is printed, and thrown as one error.
  expect(() => deployment().app.synth()).not.toThrow();
}, 120_000);

async function bundleOf(FunctionName: string) {
  const template = JSON.parse(readFileSync(join(folder, 'user-onboarding.template.json'), 'utf8'));
  const found = Template.fromJSON(template).findResources('AWS::Lambda::Function', {
    Properties: { FunctionName },
  });
  const [lambda] = Object.values(found);
  const hash = lambda?.Properties.Code.S3Key.replace('.zip', '');
  return import(join(folder, `asset.${hash}`, 'index.mjs'));
}

test.each(Object.values(functions))('$name is bundled', async ({ name }) => {
  expect(await bundleOf(name)).toHaveProperty('handler', expect.any(Function));
});

test('a bundle does what its module does', async () => {
  const { handler } = await bundleOf('user-onboarding-apply-referral');
  await expect(handler({ user: { metadata: { referralCode: 'FRIEND2025' } } })).resolves.toEqual({
    referral: { campaign: 'FRIEND', number: 2025 },
  });
});

test('the image is built from what production runs', () => {
  const assets = filesIn('').filter((path) => /^asset\.\w+$/.test(path));
  const image = assets.map(filesIn).find((files) => files.includes('Dockerfile'));
  expect(image).toEqual(
    expect.arrayContaining(['package.json', 'package-lock.json', '.npmrc', 'src/main.ts']),
  );
  const top = image?.filter((path) => path.split('/').length <= 2);
  expect(top).not.toEqual(expect.arrayContaining([expect.stringMatching(developmentOnly)]));
});

const developmentOnly =
  /^(node_modules|test|config|\.env|\.git|src\/(deploy|functions|gateway|local-aws|workflow))/;
