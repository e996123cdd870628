import packageJson from '../../package.json' with { type: 'json' };
import type { ApiDescription } from '../http/openapi/openapi.ts';
import { newUserPath } from './new-user-operation.ts';

/** The parts of the OpenAPI document that describe the API as a whole. */
export const apiDescription: ApiDescription = {
  title: 'User onboarding',
  description: 'Starts the user onboarding workflow on AWS Step Functions.',
  version: packageJson.version,
  license: { name: `${packageJson.license} License`, identifier: packageJson.license },
  tags: [
    { name: 'User onboarding', description: 'Start, follow and cancel onboardings' },
    {
      name: 'No-code route',
      description: 'Start onboardings through Amazon API Gateway, without this service',
    },
    { name: 'Operations', description: 'For operators of this service' },
  ],
  otherPaths: newUserPath,
};
