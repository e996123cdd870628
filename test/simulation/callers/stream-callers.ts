import { defaultLimits } from '../../../src/http/event-stream.ts';
import { eventTexts } from '../../../src/http/event-texts.ts';
import { namesFinalState, onboardingEvents } from '../../../src/onboarding/status-events.ts';
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
  async function* noted() {
    try {
      const options = { caller, signal, withSteps };
      yield* onboardingEvents(process.executions, executionArn, options, process.clock);
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const events = noted();
  let stream: WatchedStream | undefined;
  try {
    const first = await untilLeft(signal, unlessCrashed(process, events.next()));
    stream = invariants.streams.open(process, executionArn, milliseconds);
    const texts = eventTexts(
      first,
      events,
      { ...defaultLimits, milliseconds },
      process.clock,
      choices.random,
    );
    for (;;) {
      const { value: text, done } = await untilLeft(signal, unlessCrashed(process, texts.next()));
      if (done) break;
      counts.streams += 1;
      stream.receive(text);
      source.lastEventId = /^id: (.*)$/m.exec(text)?.[1] ?? source.lastEventId;
      source.retryMilliseconds = Number(
        /^retry: (.*)$/m.exec(text)?.[1] ?? source.retryMilliseconds,
      );
    }
    stream.end(failure);
  } catch {
    stream?.leave();
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
