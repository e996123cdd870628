import type {
  CreateStateMachineOutput,
  DescribeStateMachineOutput,
  ListStateMachinesOutput,
  StateMachineType,
  UpdateStateMachineOutput,
  ValidateStateMachineDefinitionOutput,
} from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { InvalidDefinition, parseDefinition } from '../states-language/definition.ts';
import { checkArn } from './arns.ts';
import { type Operations, operation } from './operation.ts';
import { cutPage } from './pages.ts';
import {
  arn,
  definition,
  description,
  encryptionConfiguration,
  includedData,
  loggingConfiguration,
  maxResults,
  name,
  nextToken,
  stateMachineType,
  tags,
  tracingConfiguration,
} from './request-members.ts';
import { ServiceError, validationError } from './service-error.ts';
import type { Publication, StateMachine, StateMachines } from './state-machines.ts';
import { tagOperations } from './tag-operations.ts';
import { versionOperations } from './version-operations.ts';
import { publish, resolve } from './versions.ts';

const changes = z.object({
  definition: definition.optional(),
  roleArn: arn.optional(),
  loggingConfiguration: loggingConfiguration.optional(),
  tracingConfiguration: tracingConfiguration.optional(),
  encryptionConfiguration: encryptionConfiguration.optional(),
});

const publicationMembers = { publish: z.boolean().default(false), versionDescription: description };

/** Returns the members that DescribeStateMachine and DescribeStateMachineForExecution share. */
export function describeStateMachine(machine: StateMachine, included: boolean) {
  const { variableReferences } = machine.parsed;
  return {
    name: machine.name,
    definition: included ? machine.definition : '',
    roleArn: machine.roleArn,
    loggingConfiguration: machine.loggingConfiguration,
    tracingConfiguration: machine.tracingConfiguration,
    encryptionConfiguration: machine.encryptionConfiguration,
    revisionId: machine.revisionId,
    ...(included && Object.keys(variableReferences).length > 0 && { variableReferences }),
  };
}

/**
 * The operations of the Step Functions API on state machines, their versions, aliases and tags. The
 * settings for logging, tracing and encryption are stored and returned, but have no effect.
 */
export function stateMachineOperations(
  stateMachines: StateMachines,
  now: () => number,
): Operations {
  /** @returns the ARN of the version if the request asks to publish one */
  function publishOnRequest(stateMachineArn: string, request: Publication): string | undefined {
    if (!request.publish) return undefined;
    return publish(stateMachines.registration(stateMachineArn), now, {
      description: request.versionDescription,
    }).arn;
  }

  function checkDescription(request: Publication) {
    if (request.publish || request.versionDescription === undefined) return;
    throw validationError('Version description can only be set when publish is true');
  }

  return {
    ...versionOperations(stateMachines, now),
    ...tagOperations(stateMachines),

    CreateStateMachine: operation(
      changes.extend({
        name,
        definition,
        roleArn: arn,
        type: stateMachineType.default('STANDARD'),
        tags: tags.optional(),
        ...publicationMembers,
      }),
      ({ publish: publishing, versionDescription, ...machine }) => {
        const publication = { publish: publishing, versionDescription };
        checkDescription(publication);
        const { arn: stateMachineArn, creationDate } = stateMachines.create({
          ...machine,
          publication,
        });
        return {
          stateMachineArn,
          creationDate,
          stateMachineVersionArn: publishOnRequest(stateMachineArn, publication),
        } satisfies CreateStateMachineOutput;
      },
    ),

    UpdateStateMachine: operation(
      changes.extend({ stateMachineArn: arn, ...publicationMembers }),
      ({ stateMachineArn, publish: publishing, versionDescription, ...changed }) => {
        const publication = { publish: publishing, versionDescription };
        checkArn(stateMachineArn, 'stateMachine');
        checkDescription(publication);
        if (Object.values(changed).every((value) => value === undefined) && !publishing) {
          throw new ServiceError(
            'MissingRequiredParameter',
            'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
          );
        }
        const { updateDate, revisionId } = stateMachines.update(stateMachineArn, changed);
        return {
          updateDate,
          revisionId,
          stateMachineVersionArn: publishOnRequest(stateMachineArn, publication),
        } satisfies UpdateStateMachineOutput;
      },
    ),

    DeleteStateMachine: operation(z.object({ stateMachineArn: arn }), ({ stateMachineArn }) => {
      checkArn(stateMachineArn, 'stateMachine');
      stateMachines.delete(stateMachineArn);
      return {};
    }),

    DescribeStateMachine: operation(z.object({ stateMachineArn: arn, includedData }), (request) => {
      const { stateMachine, version } = resolve(stateMachines, request.stateMachineArn);
      return {
        stateMachineArn: version?.arn ?? stateMachine.arn,
        status: 'ACTIVE',
        type: stateMachine.type,
        creationDate: version?.creationDate ?? stateMachine.creationDate,
        description: version?.description,
        ...describeStateMachine(stateMachine, request.includedData === 'ALL_DATA'),
      } satisfies DescribeStateMachineOutput;
    }),

    ListStateMachines: operation(z.object({ maxResults, nextToken }), (request) => {
      const page = cutPage(stateMachines.list(), ({ sequence }) => sequence, {
        ...request,
        list: ['stateMachines'],
      });
      return {
        stateMachines: page.items.map((machine) => ({
          stateMachineArn: machine.arn,
          name: machine.name,
          type: machine.type,
          creationDate: machine.creationDate,
        })),
        nextToken: page.nextToken,
      } satisfies ListStateMachinesOutput;
    }),

    ValidateStateMachineDefinition: operation(
      z.object({
        definition: z.string().max(1_048_576),
        type: stateMachineType.default('STANDARD'),
        severity: z.enum(['ERROR', 'WARNING']).optional(),
        maxResults: z.int().min(0).max(100).default(0),
      }),
      (request) => {
        const diagnostics = problemsOf(request.definition, request.type);
        const shown = diagnostics.slice(0, request.maxResults || 100);
        return {
          result: diagnostics.length > 0 ? 'FAIL' : 'OK',
          diagnostics: shown,
          truncated: shown.length < diagnostics.length,
        } satisfies ValidateStateMachineDefinitionOutput;
      },
    ),
  };
}

function problemsOf(text: string, type: StateMachineType) {
  try {
    parseDefinition(text, type);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    return error.problems.map(({ code, message, path }) => ({
      severity: 'ERROR' as const,
      code,
      message,
      location: path,
    }));
  }
}
