import type { StateMachineType } from '@aws-sdk/client-sfn';
import {
  catchOf,
  checkFieldNames,
  exitOf,
  requiredNext,
  retryOf,
  type Scope,
} from './definition-exits.ts';
import {
  aBoolean,
  addProblem,
  addUnknownValue,
  anArray,
  aString,
  checkedTemplateOf,
  inner,
  maxSeconds,
  numberTemplateOf,
  objectsOf,
  type Source,
  stringOf,
  templateOf,
  timestampTemplateOf,
} from './definition-fields.ts';
import { parseTask } from './definition-task.ts';
import { isObject } from './execution.ts';
import type { ChoiceRule, State, Workflow } from './states.ts';

const exitFields = ['Output', 'Assign', 'Next', 'End'];
const recoveryFields = [...exitFields, 'Retry', 'Catch'];

/** The fields that the specification allows in a JSONata state of each type. */
const fieldsOfType: Readonly<Record<State['type'], readonly string[]>> = {
  Task: [
    ...recoveryFields,
    ...['Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds', 'Credentials'],
  ],
  Wait: [...exitFields, 'Seconds', 'Timestamp'],
  Pass: exitFields,
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Choice: ['Choices', 'Default', 'Output', 'Assign'],
  Parallel: [...recoveryFields, 'Branches', 'Arguments'],
  Map: [
    ...recoveryFields,
    ...['Items', 'ItemSelector', 'ItemProcessor', 'Iterator', 'MaxConcurrency'],
    ...['ToleratedFailureCount', 'ToleratedFailurePercentage'],
  ],
};

/** Parses the states within a Parallel or Map state. */
export type ParseWorkflow = (source: Source) => Workflow;

/** What a state's parser needs to know about the state machine around it. */
export interface StateContext {
  readonly scope: Scope;
  readonly stateMachineType: StateMachineType;
}

/**
 * Parses one state and adds its problems to `source.problems`.
 *
 * @returns undefined if the type is unknown
 */
export function parseState(
  name: string,
  source: Source,
  { scope, stateMachineType }: StateContext,
  parseWorkflow: ParseWorkflow,
): State | undefined {
  const type = stringOf(source, 'Type');
  if (type === undefined || !isStateType(type)) {
    addUnknownValue(source, 'Type', Object.keys(fieldsOfType));
    return undefined;
  }
  checkFieldNames(source, ['Type', 'QueryLanguage', ...fieldsOfType[type]]);
  switch (type) {
    case 'Pass':
      return { type, name, ...exitOf(source, scope, nextOf(source)) };
    case 'Task':
      return { ...parseTask(source, stateMachineType), name, ...recoverable(source, scope) };
    case 'Choice':
      return parseChoice(name, source, scope);
    case 'Wait':
      return { ...parseWait(source), name, ...exitOf(source, scope, nextOf(source)) };
    case 'Succeed':
      return { type, name, ...exitOf(source, scope, undefined) };
    case 'Fail': {
      const error = checkedTemplateOf(source, 'Error', aString);
      return { type, name, error, cause: checkedTemplateOf(source, 'Cause', aString) };
    }
    case 'Parallel': {
      const branches = objectsOf(source, 'Branches').map(parseWorkflow);
      requireNonEmpty(source, 'Branches');
      const args = templateOf(source, 'Arguments');
      return { type, name, branches, arguments: args, ...recoverable(source, scope) };
    }
    case 'Map':
      return { ...parseMap(source, parseWorkflow), name, ...recoverable(source, scope) };
  }
}

function isStateType(type: string): type is State['type'] {
  return Object.hasOwn(fieldsOfType, type);
}

function recoverable(source: Source, scope: Scope) {
  return {
    ...exitOf(source, scope, nextOf(source), ['result']),
    retry: retryOf(source),
    catch: catchOf(source, scope),
  };
}

function nextOf(source: Source): string | undefined {
  const { Next, End } = source.json;
  if (End !== undefined && typeof End !== 'boolean') {
    addProblem(source, 'End', 'Expected value of type [Boolean]');
  }
  if (Next !== undefined && End === true) {
    addProblem(source, '', "A state has one of 'Next' and 'End', not both");
  }
  if (Next === undefined && End !== true) {
    addProblem(source, '', "One of the following fields is required: ['Next', 'End']");
  }
  return stringOf(source, 'Next');
}

function requireNonEmpty(source: Source, field: string): void {
  const json = source.json[field];
  if (json === undefined) addProblem(source, '', `These fields are required: [${field}]`);
  else if (Array.isArray(json) && json.length === 0)
    addProblem(source, field, 'Value cannot be empty');
}

function parseChoice(name: string, source: Source, scope: Scope): State {
  const choices = objectsOf(source, 'Choices').map((rule): ChoiceRule => {
    checkFieldNames(rule, ['Condition', 'Next', 'Output', 'Assign']);
    const condition = checkedTemplateOf(rule, 'Condition', aBoolean);
    if (!condition) addProblem(rule, '', 'These fields are required: [Condition]');
    return { condition: condition ?? (() => false), ...exitOf(rule, scope, requiredNext(rule)) };
  });
  requireNonEmpty(source, 'Choices');
  return { type: 'Choice', name, choices, ...exitOf(source, scope, stringOf(source, 'Default')) };
}

function parseWait(source: Source) {
  if ((source.json.Seconds === undefined) === (source.json.Timestamp === undefined)) {
    addProblem(source, '', "A Wait state has exactly one of 'Seconds' and 'Timestamp'");
  }
  return {
    type: 'Wait',
    seconds: numberTemplateOf(source, 'Seconds', { min: 0, max: maxSeconds }),
    timestamp: timestampTemplateOf(source, 'Timestamp'),
  } as const;
}

function parseMap(source: Source, parseWorkflow: ParseWorkflow) {
  const { ItemProcessor, Iterator: iterator } = source.json;
  const field =
    ItemProcessor === undefined && iterator !== undefined ? 'Iterator' : 'ItemProcessor';
  const processor = ItemProcessor ?? iterator;
  if (ItemProcessor !== undefined && iterator !== undefined) {
    addProblem(source, '', "A Map state has one of 'ItemProcessor' and 'Iterator', not both");
  }
  if (!isObject(processor)) addProblem(source, field, 'Expected value of type [Object]');
  const processorSource = inner(source, field, isObject(processor) ? processor : {});
  requireInlineMode(processorSource);
  const nonNegative = { min: 0, max: maxSeconds };
  const percentage = { min: 0, max: 100, fraction: true };
  return {
    type: 'Map',
    items: checkedTemplateOf(source, 'Items', anArray),
    itemSelector: templateOf(source, 'ItemSelector'),
    itemProcessor: isObject(processor)
      ? parseWorkflow(processorSource)
      : { startAt: '', states: new Map<string, State>() },
    maxConcurrency: numberTemplateOf(source, 'MaxConcurrency', nonNegative),
    toleratedFailureCount: numberTemplateOf(source, 'ToleratedFailureCount', nonNegative),
    toleratedFailurePercentage: numberTemplateOf(source, 'ToleratedFailurePercentage', percentage),
  } as const;
}

function requireInlineMode(processor: Source): void {
  const { ProcessorConfig: config } = processor.json;
  if (config === undefined || (isObject(config) && (config.Mode ?? 'INLINE') === 'INLINE')) return;
  const message = "Local AWS runs Map states in 'INLINE' mode only, not a Distributed Map.";
  addProblem(processor, 'ProcessorConfig/Mode', message);
}
