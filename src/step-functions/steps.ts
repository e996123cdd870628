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
  isBegun: boolean;
}

type Scope = Pick<Visit, 'within' | 'iteration'>;

const outermost: Scope = { within: undefined, iteration: undefined };
const ofState = /^(?<type>[A-Z][a-z]+)State(?<what>Entered|Exited|Started|Failed|Aborted)$/;
const ofAttempt =
  /^(?:Task|Activity|LambdaFunction)(?:(?<begun>Scheduled)|\w*(?<failed>Failed|TimedOut))$/;

/**
 * Follows an execution's history state by state, with or without execution data.
 *
 * An event belongs to the step of the event that it follows (`previousEventId`). Events of a Parallel
 * or Map state may follow one of a branch; they belong to the innermost state of their type that is
 * still open around it.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function createStepHistory(): StepHistory {
  const steps: Visit[] = [];
  const open = new Set<Visit>();
  const visits = new Map<number, Visit>();
  const iterations = new Map<number, Scope>();
  /** The id of the event that is being added. */
  let added = 0;

  /** The branch that an event continues, given the event that it follows. */
  function scopeAfter(eventId: number): Scope {
    const before = visits.get(eventId);
    const iteration = iterations.get(eventId);
    if (iteration) return iteration;
    if (before === undefined) return outermost;
    // A state that is open is a Parallel whose first branches begin.
    return open.has(before) ? { within: before, iteration: undefined } : before;
  }

  function innermost(eventId: number, fits: (visit: Visit) => boolean): Visit | undefined {
    const before = visits.get(eventId);
    const inside = before && open.has(before) ? before : scopeAfter(eventId).within;
    for (let visit = inside; visit; visit = visit.within) {
      if (open.has(visit) && fits(visit)) return visit;
    }
    return undefined;
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
      isBegun: false,
    };
    steps.push(visit);
    open.add(visit);
    // A Fail state has no event of its own after this one.
    if (type === 'Fail') fail(visit, undefined);
    return visit;
  }

  function begin(visit: Visit): void {
    visit.changedBy = added;
    if (visit.isBegun) visit.attempts += 1;
    visit.isBegun = true;
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

  function cutShort(visit: Visit, at: Date | undefined): void {
    end(visit, visit.status === 'RETRYING' ? 'FAILED' : 'ABORTED', at);
  }

  /** Ends what is still open inside a Parallel or Map, or one iteration of it. */
  function endWithin(around: Visit, iteration: number | undefined, at: Date | undefined): void {
    for (const visit of open) {
      if (isWithin(visit, around, iteration)) {
        cutShort(visit, at);
      }
    }
  }

  function addOfState(event: HistoryEvent, type: string, what: string): Visit | undefined {
    if (what === 'Entered') return enter(event, type);
    const { timestamp, previousEventId = 0 } = event;
    const name = event.stateExitedEventDetails?.name;
    const visit = innermost(
      previousEventId,
      (each) => each.type === type && (name === undefined || each.name === name),
    );
    if (visit === undefined) return undefined;
    switch (what) {
      case 'Started':
        endWithin(visit, undefined, timestamp);
        begin(visit);
        visit.iterations = event.mapStateStartedEventDetails?.length;
        break;
      case 'Failed':
        fail(visit, visits.get(previousEventId)?.error);
        endWithin(visit, undefined, timestamp);
        break;
      case 'Aborted':
        cutShort(visit, timestamp);
        break;
      case 'Exited':
        end(visit, visit.status === 'RETRYING' ? 'CAUGHT' : 'SUCCEEDED', timestamp);
        break;
    }
    return visit;
  }

  function addOfIteration(event: HistoryEvent): Visit | undefined {
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
    else endWithin(map, details?.index, timestamp);
    return map;
  }

  function addOfExecution(event: HistoryEvent): void {
    const { type, timestamp, previousEventId = 0 } = event;
    const failed = event.executionFailedEventDetails;
    const last = visits.get(previousEventId);
    if (type === 'ExecutionRedriven' || type === 'ExecutionStarted') return;
    for (const visit of open) {
      const isCause =
        failed !== undefined && (visit === last || (last && isWithin(last, visit, undefined)));
      if (isCause) visit.error ??= failed.error;
      end(visit, isCause || visit.status === 'RETRYING' ? 'FAILED' : 'ABORTED', timestamp);
    }
  }

  function visitOf(event: HistoryEvent): Visit | undefined {
    const { type = '', previousEventId = 0 } = event;
    const { type: stateType, what } = ofState.exec(type)?.groups ?? {};
    if (stateType && what) return addOfState(event, stateType, what);
    if (type.startsWith('MapIteration')) return addOfIteration(event);
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
    const { begun, failed } = ofAttempt.exec(type)?.groups ?? {};
    if (visit && begun) begin(visit);
    if (visit && failed) fail(visit, errorOf(event));
    return visit;
  }

  return {
    steps,
    add(event) {
      added = event.id ?? added;
      if (event.type?.startsWith('Execution')) return addOfExecution(event);
      const visit = visitOf(event);
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

/** Every kind of failure has its own details, all of which have `error`. */
function errorOf(event: HistoryEvent): string | undefined {
  const errors = Object.values(event).map((details) => Object(details).error);
  return errors.find((error) => typeof error === 'string');
}
