import type { StateMachineType } from '@aws-sdk/client-sfn';
import { checkFieldNames, jsonataOnly, type Scope } from './definition-exits.ts';
import { addProblem, addUnknownValue, inner, type Source, stringOf } from './definition-fields.ts';
import { parseState } from './definition-states.ts';
import { isObject, type Json } from './execution.ts';
import type { State, Workflow } from './states.ts';

export const queryLanguages = ['JSONPath', 'JSONata'];

/** What the parsers of all scopes of a state machine share. */
export interface Machine {
  /** State names must be unique across all scopes. */
  readonly stateNames: Set<string>;
  /** The top-level `QueryLanguage`, which states may override. */
  readonly queryLanguage: Json | undefined;
  readonly type: StateMachineType;
  /** Whether TestState parses one state alone, whose transitions lead to states that are not here. */
  readonly isSingleState: boolean;
  /** By state, the names that its expressions refer to: variables and JSONata functions. */
  readonly references: Map<string, ReadonlySet<string>>;
  /** All variables that states assign. */
  readonly variables: Set<string>;
}

/** Parses `StartAt` and `States`, and adds problems to `source.problems`. */
export function parseWorkflow(source: Source, machine: Machine, scope: Scope): Workflow {
  const startAt = stringOf(source, 'StartAt');
  const missing = ['States', 'StartAt'].filter((field) => source.json[field] === undefined);
  if (missing.length > 0) {
    addProblem(source, '', `These fields are required: [${missing.join(', ')}]`);
  }
  const { States: json } = source.json;
  if (!isObject(json)) {
    if (json !== undefined) addProblem(source, 'States', 'Expected value of type [Object]');
    return { startAt: '', states: new Map() };
  }
  for (const name of assignedVariables(json)) machine.variables.add(name);
  const states = new Map<string, State>();
  for (const [name, stateJson] of Object.entries(json)) {
    const place = `States/${name}`;
    if (!isObject(stateJson)) {
      addProblem(source, place, 'Expected value of type [Object]');
      continue;
    }
    const path = `${source.path === '/' ? '' : source.path}/${place}`;
    const stateSource: Source = {
      ...inner(source, place, stateJson),
      path,
      location: '',
      variables: new Set(),
    };
    machine.references.set(name, stateSource.variables);
    checkName(name, stateSource, machine);
    if (!checkQueryLanguage(stateSource, machine)) continue;
    const context = { scope, stateMachineType: machine.type };
    const state = parseState(name, stateSource, context, (branch) => {
      const allowed = ['StartAt', 'States'];
      const processor = branch.location === 'ItemProcessor' || branch.location === 'Iterator';
      checkFieldNames(branch, processor ? [...allowed, 'ProcessorConfig'] : allowed);
      // A state's own Catch is outside its branches: it assigns after they have ended.
      const around = { ...json, [name]: { ...stateJson, Catch: [] } };
      return parseWorkflow(branch, machine, {
        outerVariables: new Set([...scope.outerVariables, ...assignedVariables(around)]),
      });
    });
    if (state) states.set(name, state);
  }
  const workflow = { startAt: startAt ?? '', states };
  // The transitions are unknown if a state could not be parsed.
  const leadsOut = machine.isSingleState && source.path === '/';
  if (startAt !== undefined && states.size === Object.keys(json).length && !leadsOut) {
    checkTransitions(source, workflow);
  }
  return workflow;
}

function checkName(name: string, source: Source, { stateNames }: Machine): void {
  const { length } = [...name];
  if (length < 1 || length > 80) addProblem(source, '', 'A state name has 1 to 80 characters');
  if (stateNames.has(name)) {
    addProblem(source, '', `Duplicate State name: ${name}`, 'DUPLICATE_STATE_NAME');
  }
  stateNames.add(name);
}

function checkQueryLanguage(source: Source, machine: Machine): boolean {
  const language = source.json.QueryLanguage ?? machine.queryLanguage ?? 'JSONPath';
  if (language === 'JSONata') return true;
  if (source.json.QueryLanguage !== undefined && language !== 'JSONPath') {
    addUnknownValue(source, 'QueryLanguage', queryLanguages);
  } else if (machine.queryLanguage === 'JSONata') {
    const message = `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine. ${jsonataOnly}`;
    addProblem(source, '', message);
  } else {
    addProblem(source, '', `The QueryLanguage is 'JSONPath'. ${jsonataOnly}`);
  }
  return false;
}

/** Returns the variables that the states of one scope assign. */
function assignedVariables(states: { readonly [name: string]: Json }): Set<string> {
  const exits = Object.values(states).flatMap((state) => {
    if (!isObject(state)) return [];
    const nested = [state.Choices, state.Catch].flatMap((list) =>
      Array.isArray(list) ? list : [],
    );
    return [state, ...nested];
  });
  return new Set(
    exits.flatMap((exit) =>
      isObject(exit) && isObject(exit.Assign) ? Object.keys(exit.Assign) : [],
    ),
  );
}

interface Transition {
  readonly field: string;
  readonly to: string;
}

function transitionsOf(state: State): Transition[] {
  if (state.type === 'Fail') return [];
  const own = state.type === 'Choice' ? 'Default' : 'Next';
  const exits = [
    { field: own, to: state.next },
    ...('choices' in state ? state.choices : []).map(({ next }, index) => {
      return { field: `Choices[${index}]/Next`, to: next };
    }),
    ...('catch' in state ? state.catch : []).map(({ next }, index) => {
      return { field: `Catch[${index}]/Next`, to: next };
    }),
  ];
  return exits.flatMap(({ field, to }) => (to === undefined ? [] : [{ field, to }]));
}

/** AWS says `Next` even if the target is in `StartAt` or `Default`. */
const missingTarget = (to: string) => `Missing 'Next' target: ${to}`;

/** Like AWS, reports missing targets, unreachable states and a workflow without a terminal state. */
function checkTransitions(source: Source, { startAt, states }: Workflow): void {
  if (!states.has(startAt)) {
    addProblem(source, 'StartAt', missingTarget(startAt), 'MISSING_TRANSITION_TARGET');
    return;
  }
  const reached = new Set<string>();
  const open = [startAt];
  for (const name of open) {
    const state = states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    open.push(...transitionsOf(state).map(({ to }) => to));
  }
  for (const [name, state] of states) {
    const path = `States/${name}`;
    for (const { field, to } of transitionsOf(state)) {
      if (states.has(to)) continue;
      addProblem(source, `${path}/${field}`, missingTarget(to), 'MISSING_TRANSITION_TARGET');
    }
    if (!reached.has(name)) {
      addProblem(source, path, `State "${name}" is not reachable.`, 'MISSING_TRANSITION_TARGET');
    }
  }
  const ends = [...states.values()].some((state) => {
    return state.type === 'Fail' || (state.type !== 'Choice' && state.next === undefined);
  });
  if (!ends) addProblem(source, '', 'Workflow has no terminal state', 'MISSING_END_STATE');
}
