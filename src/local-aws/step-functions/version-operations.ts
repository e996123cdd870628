import type {
  CreateStateMachineAliasOutput,
  DescribeStateMachineAliasOutput,
  ListStateMachineAliasesOutput,
  ListStateMachineVersionsOutput,
  PublishStateMachineVersionOutput,
  UpdateStateMachineAliasOutput,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { checkArn } from './arns.ts';
import { type Operations, operation } from './operation.ts';
import { cutPage } from './pages.ts';
import { aliasName, arn, description, maxResults, nextToken } from './request-members.ts';
import { ServiceError } from './service-error.ts';
import type { Alias, StateMachines } from './state-machines.ts';
import {
  checkRoutes,
  deleteVersion,
  publish,
  registrationOf,
  resourceNotFound,
} from './versions.ts';

const routingConfiguration = z
  .array(z.object({ stateMachineVersionArn: arn, weight: z.int().min(0).max(100) }))
  .min(1)
  .max(2);

/** The operations of the Step Functions API on versions and aliases. */
export function versionOperations(stateMachines: StateMachines, now: () => number): Operations {
  function unqualified(stateMachineArn: string) {
    checkArn(stateMachineArn, 'stateMachine');
    return stateMachines.registration(stateMachineArn);
  }

  function findAlias(aliasArn: string): Alias {
    const { aliases } = registrationOf(stateMachines, aliasArn);
    const found = [...aliases.values()].find((alias) => alias.arn === aliasArn);
    if (found) return found;
    throw resourceNotFound();
  }

  return {
    PublishStateMachineVersion: operation(
      z.object({ stateMachineArn: arn, revisionId: z.string().optional(), description }),
      ({ stateMachineArn, ...request }) => {
        const version = publish(unqualified(stateMachineArn), now, request);
        return {
          stateMachineVersionArn: version.arn,
          creationDate: version.creationDate,
        } satisfies PublishStateMachineVersionOutput;
      },
    ),

    DeleteStateMachineVersion: operation(
      z.object({ stateMachineVersionArn: arn }),
      ({ stateMachineVersionArn }) => {
        deleteVersion(
          registrationOf(stateMachines, stateMachineVersionArn),
          stateMachineVersionArn,
        );
        return {};
      },
    ),

    ListStateMachineVersions: operation(
      z.object({ stateMachineArn: arn, maxResults, nextToken }),
      ({ stateMachineArn, ...request }) => {
        const { versions } = unqualified(stateMachineArn);
        const page = cutPage(versions, ({ number }) => -number, {
          ...request,
          list: ['versions', stateMachineArn],
        });
        return {
          stateMachineVersions: page.items.map((version) => ({
            stateMachineVersionArn: version.arn,
            creationDate: version.creationDate,
          })),
          nextToken: page.nextToken,
        } satisfies ListStateMachineVersionsOutput;
      },
    ),

    CreateStateMachineAlias: operation(
      z.object({ name: aliasName, description, routingConfiguration }),
      (request) => {
        const { current, aliases } = checkRoutes(stateMachines, request.routingConfiguration);
        const existing = aliases.get(request.name);
        const creationDate = new Date(now());
        const alias = existing ?? {
          ...request,
          description: request.description,
          arn: `${current.arn}:${request.name}`,
          creationDate,
          updateDate: creationDate,
        };
        const wanted = [request.description, request.routingConfiguration];
        if (
          JSON.stringify([alias.description, alias.routingConfiguration]) !== JSON.stringify(wanted)
        ) {
          throw new ServiceError(
            'ConflictException',
            'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
          );
        }
        aliases.set(alias.name, alias);
        return {
          stateMachineAliasArn: alias.arn,
          creationDate: alias.creationDate,
        } satisfies CreateStateMachineAliasOutput;
      },
    ),

    UpdateStateMachineAlias: operation(
      z.object({
        stateMachineAliasArn: arn,
        description,
        routingConfiguration: routingConfiguration.optional(),
      }),
      ({ stateMachineAliasArn, ...changes }) => {
        const alias = findAlias(stateMachineAliasArn);
        const routes = changes.routingConfiguration ?? alias.routingConfiguration;
        checkRoutes(stateMachines, routes);
        const updateDate = new Date(now());
        registrationOf(stateMachines, stateMachineAliasArn).aliases.set(alias.name, {
          ...alias,
          description: changes.description ?? alias.description,
          routingConfiguration: routes,
          updateDate,
        });
        return { updateDate } satisfies UpdateStateMachineAliasOutput;
      },
    ),

    DescribeStateMachineAlias: operation(
      z.object({ stateMachineAliasArn: arn }),
      ({ stateMachineAliasArn }) => {
        const {
          arn: aliasArn,
          routingConfiguration: routes,
          ...alias
        } = findAlias(stateMachineAliasArn);
        return {
          ...alias,
          stateMachineAliasArn: aliasArn,
          routingConfiguration: [...routes],
        } satisfies DescribeStateMachineAliasOutput;
      },
    ),

    DeleteStateMachineAlias: operation(
      z.object({ stateMachineAliasArn: arn }),
      ({ stateMachineAliasArn }) => {
        const { aliases } = registrationOf(stateMachines, stateMachineAliasArn);
        aliases.delete(stateMachineAliasArn.split(':')[7] ?? '');
        return {};
      },
    ),

    ListStateMachineAliases: operation(
      z.object({ stateMachineArn: arn, maxResults, nextToken }),
      ({ stateMachineArn, ...request }) => {
        const { aliases } = registrationOf(stateMachines, stateMachineArn);
        const listed = [...aliases.values()].filter(
          ({ arn: aliasArn, routingConfiguration: routes }) =>
            aliasArn.startsWith(`${stateMachineArn}:`) ||
            routes.some((route) => route.stateMachineVersionArn === stateMachineArn),
        );
        const position = (alias: Alias) => listed.indexOf(alias);
        const page = cutPage(listed, position, { ...request, list: ['aliases', stateMachineArn] });
        return {
          stateMachineAliases: page.items.map((alias) => ({
            stateMachineAliasArn: alias.arn,
            creationDate: alias.creationDate,
          })),
          nextToken: page.nextToken,
        } satisfies ListStateMachineAliasesOutput;
      },
    ),
  };
}
