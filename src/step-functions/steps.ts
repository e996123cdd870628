import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Step, StepHistory, StepStatus } from './step.ts';

interface Visit extends Step {
  readonly within: Visit | undefined;
  readonly enteredAfter: number;
  status: StepStatus;
  exitedDate: Date | undefined;
  attempts: number;
  error: string | undefined;
  iterations: number | undefined;
  changedBy: number;
  hasStarted: boolean;
}

type Scope = Pick<Visit, 'within' | 'iteration'>;

const outermost: Scope = { within: undefined, iteration: undefined };
const statePattern = /^(?<type>[A-Z][a-z]+)State(?<what>Entered|Exited|Started|Failed|Aborted)$/;
const attemptPattern =
  /^(?:Task|Activity|LambdaFunction)(?:(?<started>Scheduled)|\w*(?<failed>Failed|TimedOut))$/;

/**
 * Derives steps from the history of an execution, with or without execution data.
 *
 * An event belongs to the step of the event before it (`previousEventId`). The event before an event
 * of a Parallel or Map state may be one of a branch. The event then belongs to the innermost open
 * state of its type that contains the branch. A redrive continues the steps that did not succeed: the
 * next attempt of a task follows the event that entered its state.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function createStepHistory(): StepHistory {
  const steps: Visit[] = [];
  const open = new Set<Visit>();
  const visits = new Map<number, Visit>();
  const iterations = new Map<number, Scope>();
  /** The id of the event that is being added. */
  let added = 0;
  let isRedriven = false;

  /** Returns the branch or iteration that continues after an event. */
  function scopeAfter(eventId: number): Scope {
    const before = visits.get(eventId);
    const iteration = iterations.get(eventId);
    if (iteration) return iteration;
    if (before === undefined) return outermost;
    // An open state here is a Parallel, whose branches start after this event.
    return open.has(before) ? { within: before, iteration: undefined } : before;
  }

  function innermost(eventId: number, fits: (visit: Visit) => boolean): Visit | undefined {
    const before = visits.get(eventId);
    const inside = before && open.has(before) ? before : scopeAfter(eventId).within;
    for (let visit = inside; visit; visit = visit.within) {
      if (open.has(visit) && fits(visit)) return visit;
    }
    if (!isRedriven || before === undefined || !fits(before)) return undefined;
    reopen(before);
    return before;
  }

  /**
   * Returns an open state of the same Parallel or Map. When a branch fails, the events that abort the
   * states of all branches follow the last event of the branch that failed.
   */
  function openBeside(eventId: number, fits: (visit: Visit) => boolean): Visit | undefined {
    const within = visits.get(eventId)?.within;
    return [...open].find((visit) => visit.within === within && fits(visit));
  }

  /** A redrive continues a step, and the Parallel or Map around it. */
  function reopen(visit: Visit): void {
    if (open.has(visit)) return;
    open.add(visit);
    visit.changedBy = added;
    visit.status = 'RUNNING';
    visit.exitedDate = undefined;
    visit.error = undefined;
    if (visit.within) reopen(visit.within);
  }

  function enter(event: HistoryEvent, type: string): Visit {
    const { id = 0, timestamp = new Date(0), previousEventId = 0 } = event;
    const { within, iteration } = scopeAfter(previousEventId);
    const visit: Visit = {
      id,
      name: event.stateEnteredEventDetails?.name ?? '',
      type,
      status: 'RUNNING',
      enteredDate: timestamp,
      exitedDate: undefined,
      attempts: 1,
      error: undefined,
      within,
      iteration,
      iterations: undefined,
      changedBy: added,
      enteredAfter: previousEventId,
      hasStarted: false,
    };
    steps.push(visit);
    open.add(visit);
    // A Fail state has no further event.
    if (type === 'Fail') fail(visit, undefined);
    return visit;
  }

  function startAttempt(visit: Visit): void {
    if (isRedriven) reopen(visit);
    visit.changedBy = added;
    if (visit.hasStarted) visit.attempts += 1;
    visit.hasStarted = true;
    visit.status = 'RUNNING';
    visit.error = undefined;
  }

  function fail(visit: Visit, error: string | undefined): void {
    visit.changedBy = added;
    visit.status = 'RETRYING';
    visit.error = error;
  }

  function end(visit: Visit, status: StepStatus, at: Date | undefined): void {
    open.delete(visit);
    visit.changedBy = added;
    visit.status = status;
    visit.exitedDate = at;
  }

  function interrupt(visit: Visit, at: Date | undefined): void {
    end(visit, visit.status === 'RETRYING' ? 'FAILED' : 'ABORTED', at);
  }

  /** Ends all open states inside a Parallel or Map, or inside one iteration of a Map. */
  function endInside(around: Visit, iteration: number | undefined, at: Date | undefined): void {
    for (const visit of open) {
      if (isWithin(visit, around, iteration)) {
        interrupt(visit, at);
      }
    }
  }

  function addStateEvent(event: HistoryEvent, type: string, what: string): Visit | undefined {
    if (what === 'Entered') return enter(event, type);
    const { timestamp, previousEventId = 0 } = event;
    const name = event.stateExitedEventDetails?.name;
    const fits = (each: Visit) => each.type === type && (name === undefined || each.name === name);
    const visit =
      (what === 'Aborted' ? openBeside(previousEventId, fits) : undefined) ??
      innermost(previousEventId, fits);
    if (visit === undefined) return undefined;
    switch (what) {
      case 'Started':
        endInside(visit, undefined, timestamp);
        startAttempt(visit);
        visit.iterations = event.mapStateStartedEventDetails?.length;
        break;
      case 'Failed':
        fail(visit, visits.get(previousEventId)?.error);
        endInside(visit, undefined, timestamp);
        break;
      case 'Aborted':
        interrupt(visit, timestamp);
        break;
      case 'Exited':
        end(visit, visit.status === 'RETRYING' ? 'CAUGHT' : 'SUCCEEDED', timestamp);
        break;
    }
    return visit;
  }

  function addIterationEvent(event: HistoryEvent): Visit | undefined {
    const { id = 0, timestamp, previousEventId = 0, type } = event;
    const details =
      event.mapIterationStartedEventDetails ??
      event.mapIterationSucceededEventDetails ??
      event.mapIterationFailedEventDetails ??
      event.mapIterationAbortedEventDetails;
    const map = innermost(previousEventId, ({ name }) => name === details?.name);
    if (map === undefined) return undefined;
    if (type === 'MapIterationStarted')
      iterations.set(id, { within: map, iteration: details?.index });
    else endInside(map, details?.index, timestamp);
    return map;
  }

  function addExecutionEvent(event: HistoryEvent): Visit | undefined {
    const { type, timestamp, previousEventId = 0 } = event;
    const failed = event.executionFailedEventDetails;
    const last = visits.get(previousEventId);
    isRedriven ||= type === 'ExecutionRedriven';
    if (type === 'ExecutionRedriven' || type === 'ExecutionStarted') return last;
    for (const visit of open) {
      const isCause =
        failed !== undefined && (visit === last || (last && isWithin(last, visit, undefined)));
      if (isCause) visit.error ??= failed.error;
      end(visit, isCause || visit.status === 'RETRYING' ? 'FAILED' : 'ABORTED', timestamp);
    }
    return last;
  }

  function visitOf(event: HistoryEvent): Visit | undefined {
    const { type = '', previousEventId = 0 } = event;
    const { type: stateType, what } = statePattern.exec(type)?.groups ?? {};
    if (stateType && what) return addStateEvent(event, stateType, what);
    if (type.startsWith('MapIteration')) return addIterationEvent(event);
    const evaluation = event.evaluationFailedEventDetails;
    if (evaluation) {
      const visit = [...open].find(
        ({ id, name, enteredAfter }) =>
          name === evaluation.state && (enteredAfter === previousEventId || id <= previousEventId),
      );
      if (visit) fail(visit, evaluation.error);
      return visit;
    }
    const visit = visits.get(previousEventId);
    const { started, failed } = attemptPattern.exec(type)?.groups ?? {};
    if (visit && started) startAttempt(visit);
    if (visit && failed) fail(visit, errorOf(event));
    return visit;
  }

  return {
    steps,
    add(event) {
      added = event.id ?? added;
      const isOfExecution = event.type?.startsWith('Execution');
      const visit = isOfExecution ? addExecutionEvent(event) : visitOf(event);
      if (visit && event.id !== undefined) visits.set(event.id, visit);
    },
    stepOf: (eventId) => visits.get(eventId),
  };
}

function isWithin(visit: Visit, around: Visit, iteration: number | undefined): boolean {
  const { within } = visit;
  if (within === around) return iteration === undefined || visit.iteration === iteration;
  return within !== undefined && isWithin(within, around, iteration);
}

/** Each type of failure event has its own details object, and each of these has an `error`. */
function errorOf(event: HistoryEvent): string | undefined {
  const errors = Object.values(event).map((details) => Object(details).error);
  return errors.find((error) => typeof error === 'string');
}
