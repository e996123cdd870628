import type { ListTagsForResourceOutput } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { checkArn } from './arns.ts';
import { type Operations, operation } from './operation.ts';
import { arn, tags } from './request-members.ts';
import { ServiceError } from './service-error.ts';
import type { StateMachines } from './state-machines.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const maxTags = 50;

/** The operations on tags. Only state machines have tags; versions and aliases have none. */
export function tagOperations(stateMachines: StateMachines): Operations {
  function tagsOf(resourceArn: string): Map<string, string> {
    checkArn(resourceArn, 'stateMachine');
    try {
      return stateMachines.registration(resourceArn).tags;
    } catch {
      throw new ServiceError('ResourceNotFound', `Resource not found: '${resourceArn}'`);
    }
  }

  return {
    TagResource: operation(z.object({ resourceArn: arn, tags }), (request) => {
      const existing = tagsOf(request.resourceArn);
      const merged = new Map([...existing, ...request.tags]);
      if (merged.size > maxTags) {
        throw new ServiceError('TooManyTags', `A resource has at most ${maxTags} tags.`);
      }
      for (const [key, value] of merged) existing.set(key, value);
      return {};
    }),

    UntagResource: operation(
      z.object({ resourceArn: arn, tagKeys: z.array(z.string().min(1).max(128)) }),
      ({ resourceArn, tagKeys }) => {
        const existing = tagsOf(resourceArn);
        for (const key of tagKeys) existing.delete(key);
        return {};
      },
    ),

    ListTagsForResource: operation(z.object({ resourceArn: arn }), ({ resourceArn }) => {
      const listed = [...tagsOf(resourceArn)].map(([key, value]) => ({ key, value }));
      return { tags: listed } satisfies ListTagsForResourceOutput;
    }),
  };
}
