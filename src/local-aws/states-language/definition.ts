import type { StateMachineType } from '@aws-sdk/client-sfn';
import { checkFieldNames, jsonataOnly } from './definition-exits.ts';
import {
  addProblem,
  addUnknownValue,
  maxSeconds,
  numberOf,
  type Problem,
  type Source,
  stringOf,
} from './definition-fields.ts';
import { type Machine, parseWorkflow, queryLanguages } from './definition-workflow.ts';
import { isObject, type Json } from './execution.ts';
import type { JsonObject, State, Workflow } from './states.ts';

/** A parsed definition with compiled JSONata. Any number of executions may run it at the same time. */
export interface StateMachineDefinition {
  readonly workflow: Workflow;
  /** The timeout of an execution; undefined means none. */
  readonly timeoutSeconds: number | undefined;
  /** By state, the variables that it refers to, sorted. States without any are left out. */
  readonly variableReferences: Readonly<Record<string, string[]>>;
}

/** Step Functions or local AWS refuses the definition. The message lists every problem. */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const list = problems.map(({ code, message, path }) => {
      return path === undefined ? `${code}: ${message}` : `${code}: ${message} at ${path}`;
    });
    super(`Invalid State Machine Definition: '${list.join(', ')}'`);
    this.problems = problems;
  }
}

/** AWS's quota for a definition, in bytes. */
const maxDefinitionBytes = 1_048_576;

/**
 * Parses an Amazon States Language definition. All states must use JSONata.
 *
 * Refuses what CreateStateMachine refuses, with AWS's messages where they are known, and what local
 * AWS does not support: JSONPath and Distributed Map. An unsupported Task resource is not refused
 * here; it fails when the state runs.
 *
 * @throws {InvalidDefinition}
 * @see https://states-language.net/spec.html
 */
export function parseDefinition(
  text: string,
  type: StateMachineType = 'STANDARD',
): StateMachineDefinition {
  return read(parseObject(text), type, false);
}

/** The name that TestState gives to a state that is defined on its own. */
const unnamedState = 'StateName';

/**
 * Parses the definition of a single state. Its transitions are not checked.
 *
 * @throws {InvalidDefinition}
 */
export function parseSingleState(text: string): State {
  const json = parseObject(text);
  const { QueryLanguage } = json;
  const States = { [unnamedState]: json };
  const { workflow } = read(
    { ...(QueryLanguage !== undefined && { QueryLanguage }), StartAt: unnamedState, States },
    'STANDARD',
    true,
  );
  const state = workflow.states.get(unnamedState);
  if (state) return state;
  throw new TypeError('A definition without problems has its state.');
}

function read(
  json: JsonObject,
  type: StateMachineType,
  isSingleState: boolean,
): StateMachineDefinition {
  try {
    return readMachine(json, type, isSingleState);
  } catch (error) {
    // The call stack overflowed.
    if (!(error instanceof RangeError)) throw error;
    throw invalid('SCHEMA_VALIDATION_FAILED', 'The definition is nested too deeply');
  }
}

function readMachine(
  json: JsonObject,
  type: StateMachineType,
  isSingleState: boolean,
): StateMachineDefinition {
  const source: Source = { json, path: '/', location: '', problems: [], variables: new Set() };
  checkFieldNames(source, ['QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version']);
  stringOf(source, 'Version');
  const timeoutSeconds = numberOf(source, 'TimeoutSeconds', { min: 1, max: maxSeconds });
  const { QueryLanguage: queryLanguage } = json;
  if (queryLanguage !== undefined && queryLanguage !== 'JSONata' && queryLanguage !== 'JSONPath') {
    addUnknownValue(source, 'QueryLanguage', queryLanguages);
  } else if (queryLanguage !== 'JSONata' && !usesJsonata(json)) {
    addProblem(source, 'QueryLanguage', `The QueryLanguage is not 'JSONata'. ${jsonataOnly}`);
    throw new InvalidDefinition(source.problems);
  }
  const machine: Machine = {
    stateNames: new Set(),
    queryLanguage,
    type,
    isSingleState,
    references: new Map(),
    variables: new Set(),
  };
  const workflow = parseWorkflow(source, machine, { outerVariables: new Set() });
  if (source.problems.length > 0) throw new InvalidDefinition(source.problems);
  return { workflow, timeoutSeconds, variableReferences: variableReferences(machine) };
}

function usesJsonata(json: JsonObject): boolean {
  return /"QueryLanguage"\s*:\s*"JSONata"/.test(JSON.stringify(json));
}

function variableReferences({ references, variables: assigned }: Machine) {
  return Object.fromEntries(
    [...references]
      .map(([state, names]) => {
        return [state, [...names].filter((name) => assigned.has(name)).sort()] as const;
      })
      .filter(([, variables]) => variables.length > 0),
  );
}

function parseObject(text: string): JsonObject {
  if (Buffer.byteLength(text) > maxDefinitionBytes) {
    throw invalid('DEFINITION_TOO_LARGE', `A definition has at most ${maxDefinitionBytes} bytes`);
  }
  const json = text.trim() === '' ? undefined : parseJson(text);
  if (isObject(json)) return json;
  const message = 'Definition must be a valid JSON object';
  throw new InvalidDefinition([{ code: 'SCHEMA_VALIDATION_FAILED', message, path: undefined }]);
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('INVALID_JSON_DESCRIPTION', error instanceof Error ? error.message : 'Not JSON');
  }
}

function invalid(code: string, message: string): InvalidDefinition {
  return new InvalidDefinition([{ code, message, path: '/' }]);
}
