import type { TestStateOutput } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { parseDefinition, parseSingleState } from '../states-language/definition.ts';
import {
  type Clock,
  type ExecutionContext,
  isObject,
  type Json,
  StatesError,
  type TaskIntegrations,
} from '../states-language/execution.ts';
import type { JsonObject, State, Workflow } from '../states-language/states.ts';
import { type Mock, testState } from '../states-language/test-state.ts';
import { expressExecutionArn, stateMachineArn } from './arns.ts';
import { mockProblem } from './mock-results.ts';
import { type Operations, operation } from './operation.ts';
import { arn, data } from './request-members.ts';
import { ServiceError, validationError } from './service-error.ts';
import { createTaskTokens } from './task-tokens.ts';

const request = z.object({
  definition: z.string().min(1).max(1_048_576),
  stateName: z.string().min(1).max(80).optional(),
  roleArn: arn.optional(),
  input: data.default('{}'),
  variables: data.default('{}'),
  context: data.default('{}'),
  inspectionLevel: z.enum(['INFO', 'DEBUG', 'TRACE']).default('INFO'),
  revealSecrets: z.boolean().default(false),
  mock: z
    .object({
      result: data.optional(),
      errorOutput: z
        .object({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() })
        .optional(),
      fieldValidationMode: z.enum(['STRICT', 'PRESENT', 'NONE']).default('STRICT'),
    })
    .optional(),
  stateConfiguration: z
    .object({
      retrierRetryCount: z.int().min(0).default(0),
      errorCausedByState: z.string().min(1).max(80).optional(),
      mapIterationFailureCount: z.int().min(0).optional(),
      mapItemReaderData: data.optional(),
    })
    .optional(),
});

type TestStateRequest = z.infer<typeof request>;

/**
 * TestState: runs one state, defined on its own or as part of a state machine, with or without a
 * mock. A Wait state does not wait.
 */
export function testStateOperation(clock: Clock, integrations: TaskIntegrations): Operations {
  return {
    TestState: operation(request, async (test) => {
      const state = stateOf(test);
      const context = jsonObject(test.context, 'context');
      const outcome = await testState(
        {
          runtime: {
            clock: { now: clock.now, sleep: async () => undefined },
            context: executionContext(test, context, clock.now()),
            integrations,
            createCallbackTask: createTaskTokens().create,
            random: Math.random,
            record: () => 0,
            recordLog: () => {},
            eventLimit: Number.POSITIVE_INFINITY,
            events: 0,
            variableMemory: { bytes: 0 },
          },
          signal: new AbortController().signal,
          variables: { values: jsonObject(test.variables, 'variables'), bytes: new Map() },
          map: isObject(context.Map) ? context.Map : undefined,
          previousEventId: 0,
          visit: visitOf(state, context, test, clock.now()),
        },
        {
          state,
          input: json(test.input, 'input'),
          mock: mockOf(test, state),
          retries: test.stateConfiguration?.retrierRetryCount ?? 0,
          failedIterations: test.stateConfiguration?.mapIterationFailureCount,
        },
      );
      const { inspection, ...result } = outcome;
      return {
        ...result,
        ...(test.inspectionLevel !== 'INFO' && { inspectionData: inspection }),
      } satisfies TestStateOutput;
    }),
  };
}

function stateOf({ definition, stateName, mock, roleArn, revealSecrets }: TestStateRequest): State {
  const state =
    stateName === undefined
      ? parseSingleState(definition)
      : findState(parseDefinition(definition).workflow, stateName);
  if (!state) throw validationError(`State not found: ${stateName}`);
  if (mock && revealSecrets) {
    throw validationError('TestState does not support RevealSecrets when a mock is specified.');
  }
  const { type } = state;
  if (mock && !('retry' in state)) {
    throw validationError(`State type '${type}' is not supported when a mock is specified`);
  }
  if (!mock && (type === 'Map' || type === 'Parallel')) {
    throw new ServiceError(
      'InvalidDefinition',
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  }
  if (!mock && type === 'Task') {
    if (roleArn === undefined) {
      throw validationError('RoleArn must be specified when testing a Task state');
    }
    if (state.resource.endsWith('.waitForTaskToken')) {
      throw validationError('A Task state that waits for a token can only be tested with a mock.');
    }
  }
  return state;
}

/** Finds a state by name, including those nested in a Parallel or Map. */
function findState({ states }: Workflow, name: string): State | undefined {
  const own = states.get(name);
  if (own) return own;
  const inner = [...states.values()].flatMap((state) => {
    if (state.type === 'Parallel') return state.branches;
    return state.type === 'Map' ? [state.itemProcessor] : [];
  });
  return inner.map((workflow) => findState(workflow, name)).find((found) => found !== undefined);
}

function mockOf({ mock, stateConfiguration }: TestStateRequest, state: State): Mock | undefined {
  const failedIterations = stateConfiguration?.mapIterationFailureCount;
  if (!mock) {
    if (failedIterations === undefined) return undefined;
    throw validationError(
      'TestState does not support MapIterationFailureCount when a mock is not specified.',
    );
  }
  const { result, errorOutput } = mock;
  if ((result === undefined) === (errorOutput === undefined)) {
    throw validationError(
      'A test mock should have only one of the following fields: [result, errorOutput].',
    );
  }
  if (errorOutput) {
    return { error: new StatesError(errorOutput.error ?? '', errorOutput.cause ?? '') };
  }
  const value = parseMock(result ?? '');
  const problem = mockProblem(state, value, failedIterations, mock.fieldValidationMode);
  if (problem) throw validationError(problem);
  return { result: value };
}

function parseMock(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw validationError('Mocked result must be valid JSON');
  }
}

function executionContext(
  { input, roleArn }: TestStateRequest,
  context: JsonObject,
  now: number,
): ExecutionContext {
  const name = 'StateMachineName';
  return {
    Execution: {
      Id: expressExecutionArn(name, 'ExecutionName', '00000000-0000-4000-8000-000000000000'),
      Input: json(input, 'input'),
      Name: 'ExecutionName',
      RoleArn: roleArn ?? '',
      StartTime: new Date(now).toISOString(),
      RedriveCount: 0,
      ...(isObject(context.Execution) && context.Execution),
    },
    StateMachine: {
      Id: stateMachineArn(name),
      Name: name,
      ...(isObject(context.StateMachine) && context.StateMachine),
    },
  };
}

function visitOf(state: State, context: JsonObject, test: TestStateRequest, now: number) {
  const given = isObject(context.State) ? context.State : {};
  const task = isObject(context.Task) ? context.Task : {};
  return {
    state,
    enteredEventId: 1,
    precedingEventId: 0,
    enteredTime:
      typeof given.EnteredTime === 'string' ? given.EnteredTime : new Date(now).toISOString(),
    retryCount: test.stateConfiguration?.retrierRetryCount ?? 0,
    ...(typeof task.Token === 'string' && { taskToken: task.Token }),
  };
}

function json(text: string, member: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw validationError(`The value of '${member}' is not valid JSON`);
  }
}

function jsonObject(text: string, member: string): JsonObject {
  const value = json(text, member);
  if (isObject(value)) return value;
  throw validationError(`The value of '${member}' is not a JSON object`);
}
