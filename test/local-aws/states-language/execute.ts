import { parseDefinition } from '../../../src/local-aws/states-language/definition.ts';
import type {
  Clock,
  ExecutionContext,
  ExecutionOutcome,
  Json,
  NewHistoryEvent,
  TaskIntegration,
} from '../../../src/local-aws/states-language/execution.ts';
import { runExecution } from '../../../src/local-aws/states-language/run-execution.ts';
import { createTaskTokens } from '../../../src/local-aws/step-functions/task-tokens.ts';

/** Returns a JSONata state machine that starts with its first state. */
export function machine(states: object, more: object = {}): object {
  return { QueryLanguage: 'JSONata', ...workflow(states), ...more };
}

/** Returns a branch or an ItemProcessor that starts with its first state. */
export function workflow(states: object): object {
  return { StartAt: Object.keys(states)[0], States: states };
}

/** Returns the state with `End: true`, unless its type ends the workflow anyway. */
export function terminal(state: object): object {
  const isTerminal = 'Type' in state && (state.Type === 'Succeed' || state.Type === 'Fail');
  return isTerminal ? state : { End: true, ...state };
}

/** Returns a state machine of one state, named Only. */
export function single(state: object): object {
  return machine({ Only: terminal(state) });
}

/** Returns a state machine of one Pass state, whose Output is the expression. */
export function expression(source: string): object {
  return single({ Type: 'Pass', Output: `{% ${source} %}` });
}

export const startTime = '2025-11-10T10:30:00.000Z';

/**
 * A clock that jumps to the end of the earliest sleep once the execution has nothing else to do: after
 * some turns of the event loop in which no sleep begins.
 */
function virtualClock() {
  const sleepers = new Set<{ until: number; wake(): void }>();
  const sleeps: number[] = [];
  let now = Date.parse(startTime);
  let quietTurns = 0;
  let ticking = false;

  function tick(): void {
    quietTurns += 1;
    if (quietTurns > 20) {
      const [next] = [...sleepers].sort((a, b) => a.until - b.until);
      if (next) {
        now = Math.max(now, next.until);
        next.wake();
      }
      quietTurns = 0;
    }
    ticking = sleepers.size > 0;
    if (ticking) setImmediate(tick);
  }

  const clock: Clock = {
    now: () => now,
    sleep(milliseconds, signal) {
      sleeps.push(milliseconds);
      quietTurns = 0;
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const wakeUp = (settle: () => void) => () => {
          sleepers.delete(sleeper);
          settle();
        };
        const sleeper = { until: now + milliseconds, wake: wakeUp(resolve) };
        sleepers.add(sleeper);
        signal.addEventListener(
          'abort',
          wakeUp(() => reject(signal.reason)),
        );
        if (!ticking) setImmediate(tick);
        ticking = true;
      });
    },
  };
  return { clock, sleeps, sleepers, elapsed: () => (now - Date.parse(startTime)) / 1000 };
}

export interface Options {
  readonly input?: Json;
  readonly tasks?: { readonly [service: string]: TaskIntegration };
  readonly signal?: AbortSignal;
  readonly random?: () => number;
  readonly eventLimit?: number;
  /** The history is appended to this, even if the execution is aborted. */
  readonly events?: NewHistoryEvent[];
}

export interface Execution {
  readonly outcome: ExecutionOutcome;
  readonly events: readonly NewHistoryEvent[];
  /** The length of each sleep, timeouts included, in seconds. */
  readonly sleeps: readonly number[];
  /** In seconds. */
  readonly elapsed: number;
  /** The number of sleeps that have not ended when the execution ends. */
  readonly openSleeps: number;
}

export const contextFor = (input: Json): ExecutionContext => ({
  Execution: {
    Id: 'arn:aws:states:eu-west-1:123456789012:execution:machine:execution-1',
    Input: input,
    Name: 'execution-1',
    RoleArn: 'arn:aws:iam::123456789012:role/machine',
    StartTime: startTime,
    RedriveCount: 0,
  },
  StateMachine: {
    Id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:machine',
    Name: 'machine',
  },
});

export async function execute(definition: object, options: Options = {}): Promise<Execution> {
  const { input = {}, tasks = {}, signal = new AbortController().signal } = options;
  const { events = [], ...rest } = options;
  const time = virtualClock();
  const outcome = await runExecution({
    definition: parseDefinition(JSON.stringify(definition)),
    random: Math.random,
    eventLimit: 25_000,
    recordLog: () => undefined,
    ...rest,
    input,
    context: contextFor(input),
    integrations: new Map(Object.entries(tasks)),
    createCallbackTask: createTaskTokens().create,
    clock: time.clock,
    signal,
    record: (event) => events.push(event),
  });
  return {
    outcome,
    events,
    sleeps: time.sleeps.map((milliseconds) => milliseconds / 1000),
    elapsed: time.elapsed(),
    openSleeps: time.sleepers.size,
  };
}

export async function outputOf(definition: object, options?: Options): Promise<Json> {
  const { outcome } = await execute(definition, options);
  if (outcome.status === 'SUCCEEDED') return outcome.output;
  throw new Error(`${outcome.status}: ${outcome.error}: ${outcome.cause}`);
}

/** Returns the outcome of an execution that fails, or undefined if it succeeds. */
export async function failureOf(definition: object, options?: Options) {
  const { outcome } = await execute(definition, options);
  return outcome.status === 'SUCCEEDED' ? undefined : outcome;
}

/** Returns the id, the type and the `previousEventId` of each event. */
export function links(events: readonly NewHistoryEvent[]): string[] {
  return events.map(
    ({ type, previousEventId }, index) => `${index + 1} ${type} ${previousEventId}`,
  );
}

export function eventTypes(events: readonly NewHistoryEvent[]): string[] {
  return events.map(({ type }) => String(type));
}
