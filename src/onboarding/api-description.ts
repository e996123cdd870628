import packageJson from '../../package.json' with { type: 'json' };
import type { ApiDescription } from '../http/openapi.ts';
import { newUserPath } from './new-user-operation.ts';

/** What the OpenAPI document says of the API as a whole. */
export const apiDescription: ApiDescription = {
  title: 'User onboarding',
  description: 'Starts the user onboarding workflow on AWS Step Functions.',
  version: packageJson.version,
  license: { name: `${packageJson.license} License`, identifier: packageJson.license },
  tags: [
    { name: 'User onboarding', description: 'Start onboardings and follow them' },
    {
      name: 'No-code route',
      description: 'Start onboardings at Amazon API Gateway, without this service',
    },
    { name: 'Operations', description: 'For whoever runs this service' },
  ],
  otherPaths: newUserPath,
};
