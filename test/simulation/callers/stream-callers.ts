import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { defaultLimits } from '../../../src/http/event-stream.ts';
import { namesFinalState, sendStatusEvents } from '../../../src/onboarding/status-events.ts';
import type { WatchedStream } from '../invariants/streams.ts';
import type { Play } from '../play.ts';
import { type Process, unlessCrashed } from '../process.ts';

/** The state of an EventSource between connections. */
interface EventSource {
  lastEventId: string | undefined;
  retryMilliseconds: number;
}

/** Follows an execution like an EventSource, which reconnects until it gets 204. */
export async function followStream(
  play: Play,
  executionArn: string,
  caller: string,
): Promise<void> {
  const { choices, clock, someProcess } = play.world;
  const leaving = new AbortController();
  if (choices.chance(0.15)) {
    clock.schedule(choices.whole(0, 40_000), () => leaving.abort(new Error('left')));
  }
  const source: EventSource = { lastEventId: undefined, retryMilliseconds: 1000 };
  while (!leaving.signal.aborted && !namesFinalState(source.lastEventId)) {
    const process = await someProcess();
    const end = play.invariants.requests.begin(process, executionArn);
    const held = play.invariants.heldCallers.add(process, executionArn);
    const closing = new AbortController();
    const { signal } = closing;
    const close = () => closing.abort(leaving.signal.reason);
    leaving.signal.addEventListener('abort', close);
    if (leaving.signal.aborted) close();
    await receive(play, process, { executionArn, caller, source, signal });
    leaving.signal.removeEventListener('abort', close);
    closing.abort(new Error('closed'));
    held.isOver = true;
    end();
    await clock.sleep(source.retryMilliseconds);
  }
}

/** Receives one connection, until it ends or the signal aborts. */
async function receive(
  { world, invariants, counts }: Play,
  process: Process,
  connection: { executionArn: string; caller: string; source: EventSource; signal: AbortSignal },
): Promise<void> {
  const { choices } = world;
  const { executionArn, caller, source, signal } = connection;
  // Some access tokens expire before the end of the longest stream.
  const milliseconds = choices.chance(0.1)
    ? choices.whole(1000, 60_000)
    : defaultLimits.maxMilliseconds;
  const withSteps = choices.chance(0.3);
  let failure: unknown;
  let watched: WatchedStream | undefined;
  const response = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      counts.streams += 1;
      watched?.receive(text);
      source.lastEventId = /^id: (.*)$/m.exec(text)?.[1] ?? source.lastEventId;
      source.retryMilliseconds = Number(
        /^retry: (.*)$/m.exec(text)?.[1] ?? source.retryMilliseconds,
      );
      done();
    },
  });
  const { executions, streams, clock } = process;
  const stream = streams.add(response);
  /** Resolves unless the client leaves or the process crashes. */
  const unlessLost = <T>(result: Promise<T>) => untilLeft(signal, unlessCrashed(process, result));
  const noteFailure = (error: unknown) => {
    if (!stream.signal.aborted) failure = error;
    throw error;
  };
  try {
    const first = executions.statuses.get(executionArn, stream.signal, caller).catch(noteFailure);
    const { execution } = await unlessLost(first);
    watched = invariants.streams.open(process, executionArn, milliseconds);
    const options = { caller, signal: stream.signal, withSteps };
    stream.send(
      (send) =>
        sendStatusEvents(executions, execution, { ...options, send }, clock).catch(noteFailure),
      milliseconds,
    );
    await unlessLost(finished(response));
    watched.end(failure);
  } catch {
    watched?.leave();
    response.destroy();
  }
  const isWanted = !signal.aborted && !process.crashed.aborted;
  if (failure && isWanted) invariants.statuses.checkError(process, executionArn, failure);
}

async function untilLeft<T>(signal: AbortSignal, next: Promise<T>): Promise<T> {
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave);
  try {
    return await Promise.race([next, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
