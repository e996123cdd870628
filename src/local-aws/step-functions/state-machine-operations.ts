import type {
  CreateStateMachineOutput,
  DescribeStateMachineOutput,
  ListStateMachinesOutput,
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
  includedData,
  maxResults,
  name,
  nextToken,
  stateMachineType,
} from './request-members.ts';
import { ServiceError } from './service-error.ts';
import type { StateMachines } from './state-machines.ts';

/**
 * All that the Step Functions API does with state machines, except versions, aliases, tags, logging,
 * tracing and encryption: those members are taken and have no effect.
 */
export function stateMachineOperations(
  stateMachines: StateMachines,
  now: () => number,
): Operations {
  return {
    CreateStateMachine: operation(
      z.object({ name, definition, roleArn: arn, type: stateMachineType.default('STANDARD') }),
      (request) => {
        const { arn: stateMachineArn, creationDate } = stateMachines.create(request);
        return { stateMachineArn, creationDate } satisfies CreateStateMachineOutput;
      },
    ),

    UpdateStateMachine: operation(
      z.object({
        stateMachineArn: arn,
        definition: definition.optional(),
        roleArn: arn.optional(),
      }),
      ({ stateMachineArn, ...changes }) => {
        checkArn(stateMachineArn, 'stateMachine');
        if (changes.definition === undefined && changes.roleArn === undefined) {
          throw new ServiceError(
            'MissingRequiredParameter',
            'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
          );
        }
        stateMachines.update(stateMachineArn, changes);
        return { updateDate: new Date(now()) } satisfies UpdateStateMachineOutput;
      },
    ),

    DeleteStateMachine: operation(z.object({ stateMachineArn: arn }), ({ stateMachineArn }) => {
      checkArn(stateMachineArn, 'stateMachine');
      stateMachines.delete(stateMachineArn);
      return {};
    }),

    DescribeStateMachine: operation(
      z.object({ stateMachineArn: arn, includedData }),
      ({ stateMachineArn }) => {
        checkArn(stateMachineArn, 'stateMachine');
        const machine = stateMachines.get(stateMachineArn);
        return {
          stateMachineArn: machine.arn,
          name: machine.name,
          status: 'ACTIVE',
          type: machine.type,
          definition: machine.definition,
          roleArn: machine.roleArn,
          creationDate: machine.creationDate,
          loggingConfiguration: { level: 'OFF', includeExecutionData: false },
          tracingConfiguration: { enabled: false },
        } satisfies DescribeStateMachineOutput;
      },
    ),

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
      z.object({ definition, maxResults: z.int().min(0).max(100).default(0) }),
      (request) => {
        const diagnostics = problemsOf(request.definition);
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

function problemsOf(text: string) {
  try {
    parseDefinition(text);
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
